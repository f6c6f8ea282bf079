#include "cli/prompts.h"

#include <gtest/gtest.h>

#include <sstream>

#include "base/error.h"
#include "cli/arguments.h"
#include "tests/support/error_matcher.h"
#include "tests/weights/files.h"

namespace unclip::cli {
namespace {

using testing::TemporaryFolder;
using testing::write_text;

using WordList = std::vector<std::string>;

WordList prompts(const WordList& arguments, const std::string& input = "") {
  std::istringstream in(input);
  return read_prompts(Arguments::parse(prompt_flags(), arguments), in);
}

TEST(Prompts, ComeFromTheCommandLineThenFromFiles) {
  TemporaryFolder folder;
  write_text(folder / "p.txt", "two\n three, 3\n");
  EXPECT_EQ(prompts({"one", "--prompts", folder / "p.txt"}), (WordList{"one", "two", " three, 3"}));
}

TEST(Prompts, ComeFromStandardInput) {
  EXPECT_EQ(prompts({"--prompts", "-"}, "one\r\n\n \ntwo"), (WordList{"one", "two"}));
}

TEST(Prompts, AreFreeOfAByteOrderMark) {
  EXPECT_EQ(prompts({"--prompts", "-"}, "\xEF\xBB\xBFone\n"), WordList{"one"});
}

TEST(Prompts, MayBeEmptyOnTheCommandLine) { EXPECT_EQ(prompts({"--", ""}), WordList{""}); }

TEST(Prompts, MustBeThere) {
  EXPECT_THROW(prompts({}), UsageError);
  EXPECT_THROW(prompts({"--prompts", "-"}, "\n\n"), Error);
  TemporaryFolder folder;
  EXPECT_THROW(prompts({"--prompts", folder / "none"}), Error);
  EXPECT_THROW(prompts({"--prompts", folder.path()}), Error);
}

TEST(Prompts, SkipCommentsIfAsked) {
  const std::string lines = "# colours\nred\n  # more\n#1 dog\nblue # not this\n";
  EXPECT_EQ(prompts({"--prompts", "-", "--comments"}, lines), (WordList{"red", "blue # not this"}));
  EXPECT_EQ(prompts({"--prompts", "-"}, lines).size(), 5u);
}

TEST(Prompts, OfAStreamAreReadWhenTheyAreAskedFor) {
  std::istringstream in("two\n\nthree\n");
  PromptStream stream(Arguments::parse(prompt_flags(), {"one", "--prompts", "-"}), in);
  EXPECT_EQ(stream.first, WordList{"one"});
  ASSERT_TRUE(stream.rest);
  EXPECT_EQ(in.tellg(), 0);
  EXPECT_EQ(stream.rest->next(), "two");
  EXPECT_EQ(stream.rest->next(), "three");
  EXPECT_EQ(stream.rest->next(), std::nullopt);
}

TEST(Prompts, SayWhyAFileCannotBeRead) {
  TemporaryFolder folder;
  const auto error = [&](const std::string& name) {
    return testing::error_of([&] { prompts({"--prompts", name}); });
  };
  const auto none = (folder / "none").string();
  EXPECT_EQ(error(none), none + ": cannot be read: No such file or directory");
  EXPECT_EQ(error(folder.path()), folder.path().string() + ": cannot be read: it is a folder");
}

TEST(Prompts, MustBeUtf8) {
  for (const std::string text : {"\xff", "caf\xe9", "\xc0\xaf", "\xed\xa0\x80", "\xe7\x8b"}) {
    EXPECT_THROW(prompts({text}), Error);
    EXPECT_THROW(prompts({"--prompts", "-"}, "fine\n" + text + "\n"), Error);
  }
}

TEST(UnknownWords, AreReportedWithTheNearestKnownOne) {
  const WordList known = {"a", "red", "ball", "cylinder"};
  EXPECT_EQ(unknown_words_message({"a red bll", "a CYLINDR", "a fox"}, "toybox", known),
            "toybox does not know \"bll\" (ball?), \"cylindr\" (cylinder?), \"fox\"; `unclip "
            "info` lists its 4 words");
  EXPECT_EQ(unknown_words_message({"a red ball"}, "toybox", known), "");
  EXPECT_EQ(unknown_words_message({"a fox"}, "karlo", {}), "");
}

TEST(UnknownWords, AreFoundOnceInLowerCase) {
  const WordList known = {"a", "red", "ball", "it's"};
  EXPECT_EQ(unknown_words("A Red fox, a FOX; it's 2 balls!", known),
            (WordList{"fox", "2", "balls"}));
  EXPECT_EQ(unknown_words("", known), WordList{});
  EXPECT_EQ(unknown_words("'red' b\xc3\xa4ll", known), WordList{"b\xc3\xa4ll"});
}

}  // namespace
}  // namespace unclip::cli
