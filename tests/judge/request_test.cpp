#include "judge/request.h"

#include <gtest/gtest.h>

#include <string>

#include "base/error.h"
#include "world/caption.h"

namespace unclip::judge {
namespace {

std::string said(const Request& request) {
  std::string text;
  for (const Wanted& wanted : request.objects) {
    if (!text.empty()) text += std::string(name(request.relation)) + " ";
    if (wanted.size) text += std::string(name(*wanted.size)) + " ";
    if (wanted.colour) text += std::string(name(*wanted.colour)) + " ";
    text += std::string(name(wanted.shape)) + " ";
  }
  return text + "on " + std::string(name(request.background));
}

std::string parsed(std::string_view caption) { return said(parse_request(caption)); }

std::string error_of(std::string_view caption) {
  try {
    parse_request(caption);
  } catch (const Error& error) {
    return error.what();
  }
  return "";
}

TEST(Request, IsReadFromPlainCaptions) {
  EXPECT_EQ(parsed("a red ball"), "red ball on white");
  EXPECT_EQ(parsed("a big blue cube on a mint background"), "big blue cube on mint");
  EXPECT_EQ(parsed("a small yellow star at night"), "small yellow star on night");
  EXPECT_EQ(parsed("a red ball left of a blue cube"), "red ball left of blue cube on white");
  EXPECT_EQ(parsed("a purple ring above a green cone under the sky"),
            "purple ring above green cone on sky");
}

TEST(Request, KnowsThatPeopleSayTheSameInManyWays) {
  EXPECT_EQ(parsed("The LARGE orange sphere, to the right of one tiny pink doughnut."),
            "big orange ball right of small pink ring on white");
  EXPECT_EQ(parsed("brown can on the left of the little green box on white"),
            "brown cylinder left of small green cube on white");
  EXPECT_EQ(parsed("a red tube on top of a blue donut in the night"),
            "red cylinder above blue ring on night");
  EXPECT_EQ(parsed("a torus over a cone against the sky"), "ring above cone on sky");
  EXPECT_EQ(parsed("under the sky, a red ball beneath a red cube"),
            "red ball below red cube on sky");
  EXPECT_EQ(parsed("a red ball under a blue cube under the night sky"),
            "red ball below blue cube on night");
  EXPECT_EQ(parsed("a star beside a ball"), "star next to ball on white");
  EXPECT_EQ(parsed("a red star and a blue ball"), "red star and blue ball on white");
  EXPECT_EQ(parsed("red star, blue ball"), "red star and blue ball on white");
  EXPECT_EQ(parsed("a ball on the left side of a cube"), "ball left of cube on white");
}

TEST(Request, IsWhatTheWorldMeantByAnyOfItsCaptions) {
  world::Random random(7);
  for (int i = 0; i < 2000; ++i) {
    const auto text = world::caption(world::random_claim(random), random);
    const auto meant = world::parse_caption(text);
    ASSERT_TRUE(meant) << text;
    // The plain wording of the world is also what `said` says, but for the articles.
    EXPECT_EQ(parsed(text), parsed(world::plain_caption(*meant))) << text;
    const Request request = parse_request(text);
    ASSERT_EQ(request.objects.size(), meant->objects.size()) << text;
    for (size_t k = 0; k < request.objects.size(); ++k) {
      // Both enumerations are in the order of the world's tables; the judge's have an unknown
      // first.
      EXPECT_EQ(static_cast<int>(request.objects[k].shape),
                static_cast<int>(meant->objects[k].shape) + 1);
      EXPECT_EQ(static_cast<int>(request.objects[k].colour.value()),
                static_cast<int>(meant->objects[k].colour) + 1);
      EXPECT_EQ(request.objects[k].size.has_value(), meant->objects[k].size.has_value());
    }
  }
}

TEST(Request, NamesTheWordThatItDoesNotKnow) {
  EXPECT_NE(error_of("a red dragon").find("'dragon'"), std::string::npos);
  EXPECT_NE(error_of("a red bâll").find("'bâll'"), std::string::npos);
  EXPECT_NE(error_of("a white ball").find("'white'"), std::string::npos);
}

TEST(Request, RefusesWhatIsNoRequest) {
  for (const char* caption :
       {"", "a", "a red", "a big", "a ball left of", "left of a ball", "a red blue ball",
        "a ball and a cube and a star", "a ball on white at night", "a red sky", "red left of ball",
        "a ball left of right of a cube"}) {
    EXPECT_NE(error_of(caption), "") << caption;
  }
}

}  // namespace
}  // namespace unclip::judge
