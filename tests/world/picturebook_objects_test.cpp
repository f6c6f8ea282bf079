#include "world/picturebook/objects.h"

#include <gtest/gtest.h>

#include <map>
#include <string>

#include "base/error.h"
#include "world/picturebook/data.h"
#include "world/picturebook/phrases.h"
#include "world/picturebook/sprite.h"
#include "world/random.h"

namespace unclip::world::picturebook {
namespace {

TEST(PicturebookObjects, AreFoundByTheirPlainNames) {
  for (int i = 0; i < kObjects; ++i) {
    EXPECT_EQ(Kind::object(object_kinds()[static_cast<size_t>(i)].names.front().one), Kind(i));
  }
  EXPECT_THROW(Kind::object("dragon"), Error);
}

TEST(PicturebookObjects, ShareNoNameWithAnother) {
  for (const bool plural : {false, true}) {
    std::map<std::string, int> owners;
    for (int i = 0; i < kKinds; ++i) {
      const auto& names = nouns(Kind(i), plural);
      ASSERT_FALSE(names.empty()) << i;
      for (const Wording& name : names) {
        const auto [owner, is_new] = owners.emplace(name.text, i);
        EXPECT_TRUE(is_new) << name.text << " is " << i << " and " << owner->second;
      }
    }
  }
}

TEST(PicturebookObjects, SolidsAreShapesInColours) {
  for (int i = kObjects; i < kKinds; ++i) {
    const Kind kind(i);
    EXPECT_TRUE(kind.is_solid());
    EXPECT_EQ(Kind(kind.shape(), kind.colour()), kind);
  }
  EXPECT_FALSE(Kind(kObjects - 1).is_solid());
}

TEST(PicturebookObjects, HaveDrawingsThatFillTheirCells) {
  for (int i = 0; i < kObjects; ++i) {
    const Sprite& drawing = sprite(Kind(i));
    EXPECT_GE(std::max(drawing.width(), drawing.height()), 100) << i;
    EXPECT_GE(std::min(drawing.width(), drawing.height()), 40) << i;
  }
}

TEST(PicturebookObjects, FaultsOfATableAreNamedWithTheirLine) {
  struct Fault {
    const char *tsv, *line, *found;
  };
  for (const auto& [tsv, line, found] :
       {Fault{"1\ta\tb\t\n", "line 1", "found 4"},
        Fault{"# x\n1\ta\tb\t\tflys\n", "line 2", "'flys'"}, Fault{"1\t\tb\t\t\n", "line 1", "''"},
        Fault{"1\ta\tb\tc\t\n", "line 1", "'c'"},
        Fault{"1\ta\tb\tc/d/e\t\n", "line 1", "'c/d/e'"}}) {
    try {
      parse_object_kinds(tsv);
      ADD_FAILURE() << tsv;
    } catch (const Error& error) {
      const std::string message = error.what();
      EXPECT_NE(message.find("objects.tsv"), message.npos) << message;
      EXPECT_NE(message.find(line), message.npos) << message;
      EXPECT_NE(message.find("expected"), message.npos) << message;
      EXPECT_NE(message.find(found), message.npos) << message;
    }
  }
}

TEST(PicturebookObjects, OfAnyBytesAreATableOrAnError) {
  Random random(1);
  const std::string whole(objects_tsv().substr(0, 2000));
  for (int i = 0; i < 2000; ++i) {
    std::string bytes = whole.substr(0, static_cast<size_t>(below(random, 2001)));
    for (int k = below(random, 6); k > 0 && !bytes.empty(); --k) {
      bytes[static_cast<size_t>(below(random, static_cast<int>(bytes.size())))] =
          "\t\n,/#a"[below(random, 6)];
    }
    try {
      for (const ObjectKind& kind : parse_object_kinds(bytes)) {
        ASSERT_FALSE(kind.names.empty());
        ASSERT_FALSE(kind.names.front().one.empty());
        ASSERT_FALSE(kind.names.front().many.empty());
      }
    } catch (const Error& error) {
      ASSERT_TRUE(std::string(error.what()).starts_with("objects.tsv, line ")) << error.what();
    }
  }
}

}  // namespace
}  // namespace unclip::world::picturebook
