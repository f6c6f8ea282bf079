#include "cli/arguments.h"

#include <gtest/gtest.h>

#include "tests/cli/usage_error.h"

namespace unclip::cli {
namespace {

using testing::usage_error;

const Flags kFlags = {{"count", 'n', "N", "1", "how many", "Picture"},
                      {"seed", 's', "S", "", "where noise starts", "Picture"},
                      {"guidance", 0, "W", "", "how strongly", "Sampling"},
                      {"part", 0, "NAME=DIR", "", "a part", "Model"},
                      {"quiet", 'q', "", "", "no words", "Output"}};

using WordList = std::vector<std::string>;

Arguments parse(const WordList& arguments) { return Arguments::parse(kFlags, arguments); }

TEST(Arguments, TakesAFlagInEverySpelling) {
  for (const WordList& words : {WordList{"-n", "4"}, WordList{"-n4"}, WordList{"--count", "4"},
                                WordList{"--count=4"}, WordList{"-qn", "4"}, WordList{"-qn4"}}) {
    EXPECT_EQ(parse(words).integer("count", 1, 9), 4) << words[0];
  }
}

TEST(Arguments, LeavesPromptsAsTheyAre) {
  const WordList prompts = {"a red ball, and a cone", "", "-", "{i}", "two\nlines", "\xe7\x8b\x90"};
  EXPECT_EQ(parse(prompts).words(), prompts);
}

TEST(Arguments, TakesEverythingBehindTwoDashesAsWords) {
  const auto parsed = parse({"one", "-q", "--", "--quiet", "", "--", "-n"});
  EXPECT_EQ(parsed.words(), (WordList{"one", "--quiet", "", "--", "-n"}));
  EXPECT_TRUE(parsed.on("quiet"));
}

TEST(Arguments, FallsBackWhereNothingIsGiven) {
  const auto parsed = parse({});
  EXPECT_EQ(parsed.integer("count", 1, 9), 1);
  EXPECT_EQ(parsed.integer_if_given("seed", 0, 9), std::nullopt);
  EXPECT_EQ(parsed.number_if_given("guidance"), std::nullopt);
  EXPECT_FALSE(parsed.on("quiet"));
  EXPECT_FALSE(parsed.given("count"));
}

TEST(Arguments, KeepsTheLastOfAFlagAndAllOfAList) {
  const auto parsed = parse({"-n", "2", "--part", "a=b,c", "-n", "3", "--part", "d=e"});
  EXPECT_EQ(parsed.integer("count", 1, 9), 3);
  EXPECT_EQ(parsed.texts("part"), (WordList{"a=b,c", "d=e"}));
}

TEST(Arguments, TakesTheLargestUnsignedInteger) {
  EXPECT_EQ(parse({"-s", "18446744073709551615"}).unsigned_integer("seed"), UINT64_MAX);
  for (const std::string text : {"18446744073709551616", "-2", "", "1.5", "x"}) {
    const auto parsed = parse({"--seed=" + text});
    EXPECT_EQ(usage_error([&] { parsed.unsigned_integer("seed"); }),
              "--seed: expected an integer from 0 to 18446744073709551615, got '" + text + "'");
  }
}

TEST(Arguments, KnowWhichHelpIsAskedFor) {
  const Flags flags = {{"help", 'h', "", "", "", "Other"}};
  const auto request = [&](const WordList& words) {
    return Arguments::parse(flags, words).help_request();
  };
  EXPECT_EQ(request({"x"}), HelpRequest::kNone);
  EXPECT_EQ(request({"x", "-h"}), HelpRequest::kShort);
  EXPECT_EQ(request({"--help", "x"}), HelpRequest::kLong);
  EXPECT_EQ(request({"--", "-h"}), HelpRequest::kNone);
}

TEST(Arguments, KnowTheOptionsOfOtherPrograms) {
  const auto error = [](const std::string& option) {
    return usage_error([&] { parse({"--" + option, "7"}); });
  };
  EXPECT_EQ(error("cfg-scale"), "--cfg-scale: no such option; here it is --guidance");
  EXPECT_EQ(error("num-images"), "--num-images: no such option; here it is --count");
  EXPECT_EQ(error("size"),
            "--size: no such option; here it is --width and --height; `unclip info` shows which "
            "sizes the model makes");
}

TEST(Arguments, RefusesWhatIsNoWholeNumberInTheRange) {
  for (const std::string text :
       {"0", "10", "-1", "two", "2x", "2.0", "1e3", "", " 2", "9223372036854775808"}) {
    const auto parsed = parse({"--count=" + text});
    EXPECT_EQ(usage_error([&] { parsed.integer("count", 1, 9); }),
              "--count: expected an integer from 1 to 9, got '" + text + "'");
  }
}

TEST(Arguments, RefusesWhatIsNoFiniteNumber) {
  for (const std::string text : {"-1", "-0.5", "nan", "inf", "1e999", "x", ""}) {
    const auto parsed = parse({"--guidance=" + text});
    EXPECT_EQ(usage_error([&] { parsed.number_if_given("guidance"); }),
              "--guidance: expected a finite number >= 0, got '" + text + "'");
  }
  EXPECT_EQ(parse({"--guidance", "2.5"}).number_if_given("guidance"), 2.5);
  EXPECT_EQ(parse({"--guidance", "0"}).number_if_given("guidance"), 0);
}

TEST(Arguments, TakesListsOfNumbersApart) {
  const auto numbers = [](const std::string& text, const std::string& between) {
    return parse({"--guidance", text}).numbers("guidance", between, "a list");
  };
  EXPECT_EQ(numbers("0.5,2", ","), (std::vector<double>{0.5, 2}));
  EXPECT_EQ(numbers("0.25..0.5", ".."), (std::vector<double>{0.25, 0.5}));
  EXPECT_EQ(numbers("7", ","), (std::vector<double>{7}));
  for (const std::string text : {"", ",", "1,", "1,,2", "1,-2", "1,nan", "1;2", "0.25...5,x"}) {
    EXPECT_EQ(usage_error([&] { numbers(text, ","); }),
              "--guidance: expected a list, got '" + text + "'");
  }
}

TEST(Arguments, SuggestsTheNearestName) {
  EXPECT_EQ(usage_error([] {
              parse({"--coutn", "2"});
            }),
            "--coutn: no such option; did you mean --count?");
  EXPECT_EQ(usage_error([] {
              parse({"--gui", "2"});
            }),
            "--gui: no such option; did you mean --guidance?");
  EXPECT_EQ(usage_error([] { parse({"--zebra"}); }), "--zebra: no such option; see unclip --help");
  EXPECT_EQ(usage_error([] { parse({"-z"}); }), "-z: no such option; see unclip --help");
}

TEST(Arguments, NamesAFlagWithoutItsValue) {
  EXPECT_EQ(usage_error([] { parse({"x", "-s"}); }), "--seed: expected a value, S");
  EXPECT_EQ(usage_error([] { parse({"--quiet=7"}); }), "7: not a valid option; see unclip --help");
}

TEST(Arguments, TakesAListInEverySpelling) {
  auto flags = kFlags;
  flags.push_back({"text", 0, "PROMPT...", "", "texts", "Input", /*list=*/true});
  const auto parsed = [&](const WordList& words) { return Arguments::parse(flags, words); };
  for (const WordList& words :
       {WordList{"x", "--text", "a", "b", "-q"}, WordList{"x", "--text=a", "b", "-q"},
        WordList{"x", "--text", "a", "--text", "b", "-q"},
        WordList{"x", "--text=a", "--text=b", "-q"}, WordList{"x", "-q", "--text=a", "b"}}) {
    EXPECT_EQ(parsed(words).texts("text"), (WordList{"a", "b"})) << words[1];
    EXPECT_EQ(parsed(words).words(), WordList{"x"}) << words[1];
    EXPECT_TRUE(parsed(words).on("quiet")) << words[1];
  }
  EXPECT_EQ(parsed({"--text", "-", "two\nlines", "a=b"}).texts("text"),
            (WordList{"-", "two\nlines", "a=b"}));
  EXPECT_EQ(parsed({"--text=a=b"}).texts("text"), WordList{"a=b"});
  // No option is taken for a word of the list, nor its value for a word of the command line.
  for (const WordList& words :
       {WordList{"x", "--text", "-n", "1"}, WordList{"x", "--text", "--count", "1"},
        WordList{"x", "--text", "--", "y"}, WordList{"x", "--text"}}) {
    EXPECT_NE(usage_error([&] { parsed(words); }).find("--text"), std::string::npos) << words[2];
  }
}

TEST(FirstWord, StepsOverFlagsAndTheirValues) {
  EXPECT_EQ(first_word(kFlags, {"info"}), 0u);
  EXPECT_EQ(first_word(kFlags, {"-q", "info"}), 1u);
  EXPECT_EQ(first_word(kFlags, {"-n", "info", "x"}), 2u);
  EXPECT_EQ(first_word(kFlags, {"-qn", "4", "x"}), 2u);
  EXPECT_EQ(first_word(kFlags, {"-n4", "x"}), 1u);
  EXPECT_EQ(first_word(kFlags, {"--count", "4", "x"}), 2u);
  EXPECT_EQ(first_word(kFlags, {"--count=4", "x"}), 1u);
  EXPECT_EQ(first_word(kFlags, {"-q", "--", "info"}), 3u);
  EXPECT_EQ(first_word(kFlags, {"", "info"}), 0u);
}

}  // namespace
}  // namespace unclip::cli
