#include "cli/verbs.h"

#include <gtest/gtest.h>

#include <set>

#include "core/error.h"
#include "tests/cli/run.h"

namespace unclip::cli {
namespace {

using testing::error_of;
using testing::run_with;
using testing::TemporaryFolder;
using testing::Words;

std::string usage_error(const Words& arguments) {
  try {
    run_with(arguments);
  } catch (const UsageError& error) {
    return error.what();
  }
  return "no usage error";
}

TEST(Verbs, AllTakeTheCommonFlags) {
  for (const auto& verb : verbs()) {
    std::set<std::string> names;
    std::set<char> letters;
    for (const auto& flag : verb.flags) {
      EXPECT_TRUE(names.insert(flag.name).second) << verb.name << " --" << flag.name;
      if (flag.letter == 0) continue;
      EXPECT_TRUE(letters.insert(flag.letter).second) << flag.letter;
    }
    for (const auto& flag : common_flags()) EXPECT_TRUE(names.contains(flag.name)) << flag.name;
  }
}

TEST(Verbs, TellEveryFlagAndThemselvesInTheHelp) {
  for (const auto& verb : verbs()) {
    const auto help = run_with({verb.name, "--help"}).out;
    for (const auto& flag : verb.flags) {
      EXPECT_NE(help.find("--" + flag.name), help.npos) << verb.name << " --" << flag.name;
    }
    EXPECT_NE(run_with({"--help"}).out.find("unclip " + verb.name), std::string::npos);
    EXPECT_NE(help.find(verb.examples), help.npos);
  }
}

TEST(Verbs, TellTheirOwnOutputWhereItIsNoPicture) {
  for (const auto* verb : {"encode", "prior", "rank", "index", "search", "info"}) {
    EXPECT_EQ(run_with({verb, "--help"}).out.find(".png (default"), std::string::npos) << verb;
    EXPECT_EQ(run_with({verb, "--help"}).out.find("unclip-{seed}.png"), std::string::npos) << verb;
  }
}

TEST(Verbs, TellTheVersions) {
  EXPECT_EQ(run_with({"--version"}).out.find("unclip "), 0u);
  EXPECT_NE(run_with({"--version"}).out.find("\nlibtorch 2."), std::string::npos);
}

TEST(Verbs, AreTheFirstWordWhereverItStands) {
  TemporaryFolder folder;
  const auto none = (folder / "none").string();
  for (const Words& arguments : {Words{"info", none}, Words{"-q", "info", none},
                                 Words{"--dtype", "float16", "info", none}}) {
    EXPECT_TRUE(error_of([&] { run_with(arguments); }).starts_with(none));
  }
  EXPECT_EQ(usage_error({"info", "a", "b"}), "'b' is a second folder; info takes one");
}

struct Wrong {
  Words arguments;
  std::string message;
};

class WrongUsage : public ::testing::TestWithParam<Wrong> {};

TEST_P(WrongUsage, IsToldInOneLineThatNamesTheFlag) {
  EXPECT_EQ(usage_error(GetParam().arguments), GetParam().message);
}

const std::string kCount = "a whole number from 1 to 1000000 is wanted";
const std::string kGuidance = "a finite number >= 0 is wanted";

INSTANTIATE_TEST_SUITE_P(
    Generate, WrongUsage,
    ::testing::Values(
        Wrong{{}, "there is no prompt; PROMPT or --prompts FILE is wanted"},
        Wrong{{"generate"}, "there is no prompt; PROMPT or --prompts FILE is wanted"},
        Wrong{{"x", "-n", "0"}, "--count is '0'; " + kCount},
        Wrong{{"x", "-n", "-3"}, "--count is '-3'; " + kCount},
        Wrong{{"x", "--batch-size", "0"}, "--batch-size is '0'; " + kCount},
        Wrong{{"x", "--prior-steps", "0"}, "--prior-steps is '0'; " + kCount},
        Wrong{{"x", "--decoder-steps", "many"}, "--decoder-steps is 'many'; " + kCount},
        Wrong{{"x", "--super-res-steps=-1"}, "--super-res-steps is '-1'; " + kCount},
        Wrong{{"x", "--prior-guidance", "nan"}, "--prior-guidance is 'nan'; " + kGuidance},
        Wrong{{"x", "--decoder-guidance", "inf"}, "--decoder-guidance is 'inf'; " + kGuidance},
        Wrong{{"x", "--decoder-guidance", "-1"}, "--decoder-guidance is '-1'; " + kGuidance},
        Wrong{{"x", "--dtype", "float64"},
              "--dtype is 'float64'; one of float32, bfloat16, float16, auto is wanted"},
        Wrong{{"x", "--device", "gpu"}, "--device is 'gpu'; cpu, cuda or cuda:K is wanted"},
        Wrong{{"x", "--device", "cuda:-1"}, "--device is 'cuda:-1'; cpu, cuda or cuda:K is wanted"},
        Wrong{{"x", "--threads", "0"}, "--threads is '0'; a whole number from 1 to 1024 is wanted"},
        Wrong{{"x", "-s", "-1"},
              "--seed is '-1'; a whole number from 0 to 9223372036854775807 is wanted"},
        Wrong{{"x", "-n", "2", "-s", "9223372036854775807"},
              "--seed is '9223372036854775807'; a seed that leaves room for 2 pictures below 2^63 "
              "is wanted"},
        Wrong{{"x", "-o", "fox.jpg"}, "--output is 'fox.jpg'; a name that ends in .png is wanted"},
        Wrong{{"x", "-o", "{n}.png"},
              "--output has '{n}' in it; only {i} and {seed} are filled in"},
        Wrong{{"x", "--part", "prior"}, "--part is 'prior'; NAME=DIR is wanted"},
        Wrong{{"x", "--step", "3"}, "--step: there is no such option; did you mean --prior-steps?"},
        Wrong{{"x", "--sed", "3"}, "--sed: there is no such option; did you mean --seed?"}));

TEST(Generate, TellsOfAPromptThatIsNotUtf8) { EXPECT_THROW(run_with({"\xff"}), Error); }

TEST(Generate, TellsOfAModelThatIsNotThere) {
  TemporaryFolder folder;
  const auto none = (folder / "none").string();
  for (const Words& prompt :
       {Words{"x"}, Words{"generate", "x"}, Words{"--", "info"}, Words{"generate", "--", ""}}) {
    Words arguments = {"-m", none};
    arguments.insert(arguments.end(), prompt.begin(), prompt.end());
    EXPECT_TRUE(error_of([&] { run_with(arguments); }).starts_with(none));
  }
}

}  // namespace
}  // namespace unclip::cli
