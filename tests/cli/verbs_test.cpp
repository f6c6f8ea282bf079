#include "cli/verbs.h"

#include <gtest/gtest.h>

#include <cstdlib>
#include <regex>
#include <set>
#include <sstream>

#include "base/error.h"
#include "tests/cli/run.h"
#include "tests/cli/usage_error.h"
#include "tests/support/error_matcher.h"

namespace unclip::cli {
namespace {

using testing::error_of;
using testing::mentions;
using testing::run_with;
using testing::TemporaryFolder;
using testing::usage_error;
using testing::Words;

std::string verbs_usage_error(const Words& arguments) {
  return usage_error([&] { run_with(arguments); });
}

template <class... Parts>
std::string text(const Parts&... parts) {
  std::ostringstream out;
  (out << ... << parts);
  return out.str();
}

/// The verb's words, then `more`.
Words words_of(const Verb& verb, const Words& more) {
  Words words;
  std::istringstream in(verb.name);
  for (std::string word; in >> word;) words.push_back(word);
  words.insert(words.end(), more.begin(), more.end());
  return words;
}

std::vector<std::string> lines_of(const std::string& all) {
  std::vector<std::string> lines;
  std::istringstream in(all);
  for (std::string line; std::getline(in, line);) lines.push_back(line);
  return lines;
}

TEST(Verbs, NameEachFlagAndLetterOnce) {
  for (const auto& verb : verbs()) {
    std::set<std::string> names;
    std::set<char> letters;
    for (const auto& flag : verb.flags) {
      EXPECT_TRUE(names.insert(flag.name).second) << verb.name << " --" << flag.name;
      if (flag.letter == 0) continue;
      EXPECT_TRUE(letters.insert(flag.letter).second) << flag.letter;
    }
    EXPECT_TRUE(names.contains("help")) << verb.name;
  }
}

TEST(Verbs, HaveNoSeedUnlessTheyDraw) {
  for (const auto& verb : verbs()) {
    const std::set<std::string> draw = {"generate", "vary",  "mix",   "diff",
                                        "decode",   "prior", "sweep", "schedule compare"};
    EXPECT_EQ(find_flag(verb.flags, "seed") != nullptr, draw.contains(verb.name)) << verb.name;
  }
}

TEST(Verbs, AreAllInTheOverview) {
  const auto help = run_with({"help"}).out;
  for (const auto& verb : verbs()) {
    if (verb.name.find(' ') != verb.name.npos) continue;  // `schedule list` belongs to `schedule`
    EXPECT_NE(help.find(text("\n  ", verb.name, " ")), help.npos) << verb.name;
  }
  EXPECT_EQ(run_with({"-h"}).out, help);
  EXPECT_EQ(run_with({"--help"}).out.find(help), 0u);
  for (const auto& line : lines_of(help)) EXPECT_LE(line.size(), 80u) << line;
  EXPECT_LE(lines_of(help).size(), 40u);
}

TEST(Verbs, ShowEveryFlagInTheLongHelp) {
  for (const auto& verb : verbs()) {
    const auto help = run_with(words_of(verb, {"--help"})).out;
    EXPECT_EQ(run_with({"help", verb.name}).out, help) << verb.name;
    for (const auto& flag : verb.flags) {
      EXPECT_NE(help.find(text("--", flag.name)), help.npos) << verb.name << " --" << flag.name;
    }
    EXPECT_NE(help.find(verb.examples), help.npos);
    for (const auto& line : lines_of(help)) EXPECT_LE(line.size(), 100u) << line;
  }
}

TEST(Verbs, FitTheirShortHelpOnOneScreen) {
  for (const auto& verb : verbs()) {
    const auto lines = lines_of(run_with(words_of(verb, {"-h"})).out);
    EXPECT_LE(lines.size(), 40u) << verb.name;
    for (const auto& line : lines) EXPECT_LE(line.size(), 80u) << line;
  }
}

TEST(Verbs, ShowTheDefaultsOfTheirModel) {
  const testing::ModelFolder folder;
  const auto help = [&](const std::string& model) {
    return run_with({"generate", "--help", "-m", model}).out;
  };
  EXPECT_NE(help(folder / "model").find("(default: 3)"), std::string::npos);  // prior guidance
  EXPECT_NE(help(folder / "none").find("(default: the model's)"), std::string::npos);
}

TEST(Verbs, PrintTheOverviewIfTheCommandLineIsEmpty) {
  std::istringstream in;
  std::ostringstream out, err;
  EXPECT_THROW(run({}, {in, out, err}), UsageError);
  EXPECT_EQ(out.str(), "");
  EXPECT_EQ(err.str(), run_with({"help"}).out + "\n");
}

TEST(Verbs, DescribeTheirOwnOutputIfItIsNoImage) {
  for (const auto* verb : {"encode", "prior", "rank", "index", "search", "info", "models"}) {
    EXPECT_EQ(run_with({verb, "--help"}).out.find("unclip-{seed}.png"), std::string::npos) << verb;
  }
}

TEST(Verbs, PrintTheVersions) {
  const auto versions = run_with({"version"}).out;
  EXPECT_EQ(versions.find("unclip "), 0u);
  EXPECT_NE(versions.find("\nlibtorch 2."), std::string::npos);
  EXPECT_EQ(run_with({"--version"}).out, versions);
}

TEST(Verbs, AreTheFirstWordWhereverItIs) {
  TemporaryFolder folder;
  const auto none = (folder / "none").string();
  for (const Words& arguments : {Words{"info", none}, Words{"-q", "info", none},
                                 Words{"--dtype", "float16", "info", none}}) {
    EXPECT_TRUE(error_of([&] { run_with(arguments); }).starts_with(none));
  }
}

// Painting what was meant as a command takes minutes with a large model.
TEST(Verbs, AreGuessedFromSlips) {
  TemporaryFolder folder;
  const auto file = (folder / "a.png").string();
  testing::write_text(file, "x");
  const std::pair<Words, std::string> slips[] = {
      {{"vry", file}, "did you mean `unclip vary`?"},
      {{"generat", "a red ball"}, "did you mean `unclip generate`?"},
      {{"Serch", "x"}, "did you mean `unclip search`?"},
      {{"encod", "--json"}, "did you mean `unclip encode`?"},
      {{"shedule"}, "did you mean `unclip schedule`?"},
      {{"serve"}, "`unclip help` lists the commands"},
      {{"download", "org/name"}, "`unclip help` lists the commands"},
      {{"pul", "org/name"}, "did you mean `unclip pull`?"},
      {{"list", "-q"}, "`unclip help` lists the commands"},
      {{"blend", file}, "`unclip help` lists the commands"},
      {{"-n", "4", "txt2img", "cat"}, "`unclip help` lists the commands"}};
  for (const auto& [words, hint] : slips) {
    EXPECT_TRUE(mentions(verbs_usage_error(words), {"no such command", hint, "unclip -- "}))
        << words[0];
  }
}

TEST(Verbs, AreNotGuessedFromPrompts) {
  TemporaryFolder folder;
  const auto none = (folder / "none").string();
  for (const Words& prompt :
       {Words{"tank"}, Words{"fix"}, Words{"bank"}, Words{"star"}, Words{"a red ball"},
        Words{"list of shopping"}, Words{"cube", "ring"}, Words{"download", "a red ball"},
        Words{"--", "serve"}, Words{"--", "generat"}, Words{"generate", "serve"}}) {
    Words arguments = {"-m", none};
    arguments.insert(arguments.end(), prompt.begin(), prompt.end());
    EXPECT_TRUE(error_of([&] { run_with(arguments); }).starts_with(none)) << prompt[0];
  }
}

TEST(Completion, CompletesEveryVerbAndFlag) {
  for (const auto* shell : {"bash", "zsh", "fish"}) {
    const auto script = run_with({"--generate-completion", shell}).out;
    for (const auto& verb : verbs()) {
      for (const auto& word : words_of(verb, {})) {
        EXPECT_NE(script.find(word), script.npos) << shell << " " << word;
      }
      for (const auto& flag : verb.flags) {
        const auto name = text(std::string(shell) == "fish" ? "-l " : "--", flag.name);
        EXPECT_NE(script.find(name), script.npos) << shell << " " << flag.name;
      }
    }
  }
  EXPECT_TRUE(mentions(verbs_usage_error({"--generate-completion", "tcsh"}), {"bash", "'tcsh'"}));
}

TEST(Completion, IsAScriptThatBashRuns) {
  TemporaryFolder folder;
  const auto script = (folder / "unclip.bash").string();
  testing::write_text(script, run_with({"--generate-completion", "bash"}).out);
  const auto completed = [&](const std::string& words, int current) {
    std::ostringstream command;
    command << "bash -c '. " << script << "; COMP_WORDS=(" << words << "); COMP_CWORD=" << current
            << "; _unclip; echo ${COMPREPLY[@]}' > " << (folder / "out").string();
    EXPECT_EQ(std::system(command.str().c_str()), 0) << command.str();
    return testing::read_text(folder / "out");
  };
  EXPECT_EQ(completed("unclip genera", 1), "generate\n");
  EXPECT_EQ(completed("unclip search --exac", 2), "--exact\n");
  EXPECT_EQ(completed("unclip x --dtype b", 3), "bfloat16\n");
  EXPECT_EQ(completed("unclip schedule comp", 2), "compare\n");
}

TEST(ManPage, DescribesEveryFlag) {
  for (const auto& verb : verbs()) {
    const auto page = run_with({"--generate-man", verb.name}).out;
    const auto name = std::regex_replace(verb.name, std::regex(" "), "-");
    EXPECT_EQ(page.find(text(".TH unclip-", name, " 1 ")), 0u);
    for (const auto& flag : verb.flags) {
      const auto option = std::regex_replace(text("--", flag.name), std::regex("-"), "\\-");
      EXPECT_NE(page.find(option), page.npos) << option;
    }
  }
  EXPECT_EQ(run_with({"--generate-man"}).out.find(".TH unclip 1 "), 0u);
  EXPECT_TRUE(mentions(verbs_usage_error({"--generate-man", "x"}), {"'x'"}));
}

struct Wrong {
  Words arguments;
  std::string flag, expected, found;
};

class WrongUsage : public ::testing::TestWithParam<Wrong> {};

TEST_P(WrongUsage, IsReportedInOneLineThatNamesTheFlag) {
  const auto& [arguments, flag, expected, found] = GetParam();
  EXPECT_TRUE(mentions(verbs_usage_error(arguments), {flag, expected, found}));
}

const std::string kCount = "an integer from 1 to 1000000";
const std::string kNumber = "a finite number >= 0";

INSTANTIATE_TEST_SUITE_P(
    Generate, WrongUsage,
    ::testing::Values(
        Wrong{{"generate"}, "expected", "PROMPT", "--prompts"},
        Wrong{{"-n", "4"}, "expected", "PROMPT", "--prompts"},
        Wrong{{"x", "-n", "0"}, "--count", kCount, "'0'"},
        Wrong{{"x", "-n", "-3"}, "--count", kCount, "'-3'"},
        Wrong{{"x", "--batch-size", "0"}, "--batch-size", kCount, "'0'"},
        Wrong{{"x", "--steps", "0"}, "--steps", kCount, "'0'"},
        Wrong{{"x", "--guidance", "-1"}, "--guidance", kNumber, "'-1'"},
        Wrong{{"x", "--prior-steps", "0"}, "--prior-steps", kCount, "'0'"},
        Wrong{{"x", "--decoder-steps", "many"}, "--decoder-steps", kCount, "'many'"},
        Wrong{{"x", "--super-res-steps=-1"}, "--super-res-steps", kCount, "'-1'"},
        Wrong{{"x", "--prior-guidance", "nan"}, "--prior-guidance", kNumber, "'nan'"},
        Wrong{{"x", "--decoder-guidance", "inf"}, "--decoder-guidance", kNumber, "'inf'"},
        Wrong{{"x", "--dtype", "float64"},
              "--dtype",
              "float32, bfloat16, float16, auto",
              "'float64'"},
        Wrong{{"x", "--device", "gpu"}, "--device", "cpu, cuda or cuda:K", "'gpu'"},
        Wrong{{"x", "--device", "cuda:-1"}, "--device", "cpu, cuda or cuda:K", "'cuda:-1'"},
        Wrong{{"x", "--threads", "0"}, "--threads", "an integer from 1 to 1024", "'0'"},
        Wrong{{"x", "-s", "-2"}, "--seed", "0 to 18446744073709551615", "'-2'"},
        Wrong{{"x", "-s", "18446744073709551616"},
              "--seed",
              "0 to 18446744073709551615",
              "'18446744073709551616'"},
        Wrong{{"x", "-n", "2", "-s", "18446744073709551615"},
              "--seed",
              "all 2 images",
              "'18446744073709551615'"},
        Wrong{{"x", "-o", "fox.avif"}, "--output", ".png, .jpg", "'fox.avif'"},
        Wrong{{"x", "-o", "{n}.png"}, "--output", "{i}, {seed}, {prompt} or {model}", "'{n}'"},
        Wrong{{"x", "--part", "prior"}, "--part", "NAME=DIR", ""},
        Wrong{{"x", "--size", "512"}, "--size", "--width and --height", ""},
        Wrong{{"x", "--width", "0"}, "--width", "an integer from 1 to 16384", "'0'"},
        Wrong{{"x", "--sampler", "ddim"}, "--sampler", "--decoder-scheduler", ""},
        Wrong{{"x", "--step", "3"}, "--step", "did you mean --steps?", ""},
        Wrong{{"x", "--sed", "3"}, "--sed", "did you mean --seed?", ""}));

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
