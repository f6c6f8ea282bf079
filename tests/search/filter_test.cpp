#include "search/filter.h"

#include <gtest/gtest.h>

#include "tests/weights/files.h"

namespace unclip {
namespace {

using testing::error_of;

TEST(MatchesPattern, TakesAStarForAnyText) {
  const struct {
    const char *text, *pattern;
    bool matches;
  } kCases[] = {{"", "", true},
                {"", "*", true},
                {"a", "", false},
                {"a", "a", true},
                {"a", "A", false},
                {"a red ball", "*red*", true},
                {"red", "*red*", true},
                {"a red ball", "red*", false},
                {"abab", "*ab", true},
                {"ababc", "*ab", false},
                {"aab", "a*ab", true},
                {"a*b", "a*b", true},
                {"[x]?", "[x]?", true},
                {"x", "[x]", false},
                {"mississippi", "*iss*ip*", true},
                {"mississippi", "*iss*x*", false}};
  for (const auto& each : kCases) {
    EXPECT_EQ(matches_pattern(each.text, each.pattern), each.matches)
        << each.text << " " << each.pattern;
  }
}

TEST(MatchesPattern, EndsSoonForAnyPattern) {
  std::string pattern;
  for (int i = 0; i < 1000; ++i) pattern += "*a";
  EXPECT_FALSE(matches_pattern(std::string(10'000, 'a'), pattern + "b"));
}

TEST(Matches, WantsAllConditions) {
  const Provenance ball{.prompt = "a ball", .seed = 7, .model = "tiny"};
  const auto meets = [&](const std::vector<std::string>& texts) {
    std::vector<Condition> conditions;
    for (const auto& text : texts) conditions.push_back(parse_condition(text));
    return matches(ball, conditions);
  };
  EXPECT_TRUE(meets({}));
  EXPECT_TRUE(meets({"prompt=*ball", "seed=7"}));
  EXPECT_FALSE(meets({"prompt=*ball", "seed=8"}));
  EXPECT_FALSE(meets({"model="}));
  EXPECT_TRUE(matches({}, {parse_condition("seed=")}));
  EXPECT_TRUE(matches({.prompt = "a=b"}, {parse_condition("prompt=a=b")}));
}

TEST(ParseCondition, RefusesOtherKeys) {
  for (const auto* text : {"", "prompt", "=x", "Prompt=x", "steps=3"}) {
    const auto error = error_of([&] { parse_condition(text); });
    EXPECT_NE(error.find("KEY=VALUE"), error.npos) << error;
    EXPECT_NE(error.find("prompt, seed, model"), error.npos) << error;
    EXPECT_TRUE(error.ends_with(std::string("got '").append(text).append("'"))) << error;
  }
}

}  // namespace
}  // namespace unclip
