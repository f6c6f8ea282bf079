#include "base/config.h"

#include <gtest/gtest.h>

namespace unclip {
namespace {

Config config(const std::string& text) { return Config::parse(text, "prior/config.json"); }

/// The message of the Error that `act` throws; empty where it throws none.
template <class Act>
std::string config_error(const Act& act) {
  try {
    act();
  } catch (const Error& e) {
    return e.what();
  }
  return "";
}

TEST(Config, TakesPythonsInfinitiesForAbsent) {
  const auto config = Config::parse(
      R"({"least": -Infinity, "most": Infinity, "text": "-Infinity \" Infinity", "x": 1})", "c");
  EXPECT_FALSE(config.has("least"));
  EXPECT_FALSE(config.has("most"));
  EXPECT_EQ(config.require<std::string>("text"), "-Infinity \" Infinity");
  EXPECT_EQ(config.require<int64_t>("x"), 1);
  EXPECT_THROW(Config::parse("{\"x\": NaN}", "c"), Error);
}

TEST(Config, ReadsEveryKindOfValue) {
  const auto c = config(R"({"n": 3, "x": 0.5, "flag": true, "act": "silu", "widths": [8, 16]})");
  EXPECT_EQ(c.require<int64_t>("n"), 3);
  EXPECT_EQ(c.require<double>("x"), 0.5);
  EXPECT_EQ(c.require<double>("n"), 3.0);
  EXPECT_TRUE(c.require<bool>("flag"));
  EXPECT_EQ(c.require<std::string>("act"), "silu");
  EXPECT_EQ(c.require<std::vector<int64_t>>("widths"), (std::vector<int64_t>{8, 16}));
}

TEST(Config, TakesNullForAbsent) {
  const auto c = config(R"({"dim": null})");
  EXPECT_FALSE(c.has("dim"));
  EXPECT_EQ(c.value_or<int64_t>("dim", 7), 7);
  c.expect_absent("dim");
  c.expect<int64_t>("dim", 9);
  EXPECT_EQ(config_error([&] { c.require<int64_t>("dim"); }),
            "prior/config.json: 'dim' is missing; expected an integer");
}

TEST(Config, TellsFileKeyFoundAndWanted) {
  const auto c = config(R"({"act_fn": "gelu", "n": 2.5, "big": 18446744073709551615})");
  EXPECT_EQ(
      config_error([&] { c.expect("act_fn", "silu"); }),
      "prior/config.json: 'act_fn': expected \"silu\", got \"gelu\"; nothing else is implemented");
  EXPECT_EQ(config_error([&] { c.require<int64_t>("n"); }),
            "prior/config.json: 'n': expected an integer, got 2.5");
  EXPECT_EQ(config_error([&] { c.require<int64_t>("big"); }),
            "prior/config.json: 'big': expected an integer, got 18446744073709551615");
  EXPECT_EQ(config_error([&] { c.require<bool>("act_fn"); }),
            "prior/config.json: 'act_fn': expected true or false, got \"gelu\"");
}

TEST(Config, ChoosesByNameAndTheFirstWhereAbsent) {
  const auto c = config(R"({"prediction_type": "sample", "other": "v"})");
  const std::initializer_list<std::pair<std::string_view, int>> choices = {{"epsilon", 1},
                                                                           {"sample", 2}};
  EXPECT_EQ(c.choice<int>("prediction_type", choices), 2);
  EXPECT_EQ(c.choice<int>("absent", choices), 1);
  EXPECT_EQ(config_error([&] { c.choice<int>("other", choices); }),
            "prior/config.json: 'other': expected one of \"epsilon\", \"sample\", got \"v\"");
}

TEST(Config, BoundsIntegers) {
  const auto c = config(R"({"n": 12, "negative": -1})");
  EXPECT_EQ(c.integer("n", 5, 1, 12), 12);
  EXPECT_EQ(c.integer("absent", 5, 1, 12), 5);
  EXPECT_EQ(config_error([&] { c.integer("n", 5, 1, 11); }),
            "prior/config.json: 'n': expected an integer from 1 to 11, got 12");
  EXPECT_NE(config_error([&] { c.integer("negative", 5, 0, 11); }), "");
}

TEST(Config, CanRefuseTheDefaultOfAnAbsentKey) {
  EXPECT_EQ(config_error([] { config("{}").fail_value("head_dim", "a divisor of 12"); }),
            "prior/config.json: 'head_dim': expected a divisor of 12, got nothing");
}

TEST(Config, RefusesWhatIsNoObject) {
  EXPECT_EQ(config_error([] { config("[1]"); }),
            "prior/config.json: expected a JSON object, got array");
  EXPECT_EQ(config_error([] { config("{\"a\": }"); }),
            "prior/config.json: is not valid JSON at byte 7");
  EXPECT_NE(config_error([] { config(""); }), "");
  EXPECT_NE(config_error([] { config("{\"a\": \"\xFF\"}"); }), "");
  EXPECT_EQ(config_error([] { Config::read("tests/nowhere.json"); }),
            "tests/nowhere.json: cannot be read: No such file or directory");
  EXPECT_EQ(config_error([] { Config::read("tests"); }), "tests: cannot be read: it is a folder");
}

TEST(Config, RefusesAKeyThatStandsTwice) {
  EXPECT_EQ(config_error([] { config(R"({"dim": 1, "dim": 2})"); }),
            "prior/config.json: 'dim' stands twice in one object");
  EXPECT_EQ(config_error([] { config(R"({"a": [{"b": {}, "c": 1, "b": null}]})"); }),
            "prior/config.json: 'b' stands twice in one object");
  EXPECT_EQ(config_error([] { config("{\"\\n\\u00e9\": 1, \"\\n\u00e9\": 2}"); }),
            "prior/config.json: '\\n\\u00e9' stands twice in one object");
  EXPECT_LT(config_error([] {
              const auto key = "\"" + std::string(5000, 'k') + "\": 1";
              config("{" + key + "," + key + "}");
            }).size(),
            200U);
  // In two objects it is two keys.
  EXPECT_EQ(config(R"({"a": {"b": 1}, "b": [{"b": 1}, {"b": 2}]})").keys().size(), 2U);
}

TEST(Config, RefusesANumberThatIsTooLarge) {
  EXPECT_EQ(config_error([] { config(R"({"eps": 1e999})"); }),
            "prior/config.json: has a number that is too large, at or after 'eps'");
  EXPECT_EQ(config_error([] { config(R"({"eps": [1, -1e309]})"); }),
            "prior/config.json: has a number that is too large, at or after 'eps'");
  EXPECT_EQ(config(R"({"eps": 1e-999})").require<double>("eps"), 0.0);
  EXPECT_EQ(config(R"({"n": 1e308})").require<double>("n"), 1e308);
}

TEST(Config, RefusesDeepNesting) {
  const auto nested = [](int levels) {
    return R"({"a": )" + std::string(levels, '[') + std::string(levels, ']') + "}";
  };
  EXPECT_TRUE(config(nested(31)).has("a"));
  const auto deeper = "prior/config.json: is nested deeper than 32 levels";
  EXPECT_EQ(config_error([&] { config(nested(32)); }), deeper);
  EXPECT_EQ(config_error([] { config(std::string(200000, '[')); }), deeper);
  std::string objects;
  for (int i = 0; i < 200000; ++i) objects += "{\"a\":";
  EXPECT_EQ(config_error([&] { config(objects); }), deeper);
}

TEST(Config, RefusesWhatIsNotUtf8) {
  for (const auto* text : {"\xFF", "\xC3", "\xC0\x80", "\xED\xA0\x80", "\xF4\x90\x80\x80"}) {
    EXPECT_EQ(config_error([&] {
                config(std::string("{\"a\": \"") + text + "\"}");
              }).find("prior/config.json: is not valid JSON at byte "),
              0U);
    EXPECT_NE(config_error([&] { config(std::string("{\"") + text + "\": 1}"); }), "");
  }
  EXPECT_NE(config_error([] { config(R"({"a": "\ud800"})"); }), "");
}

TEST(Config, ShortensALongValue) {
  const auto c = config(R"({"n": ")" + std::string(5000, 'x') + R"("})");
  EXPECT_LT(config_error([&] { c.require<int64_t>("n"); }).size(), 200U);
}

}  // namespace
}  // namespace unclip
