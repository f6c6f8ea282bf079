#include "scheduler/schedule_file.h"

#include <gtest/gtest.h>

#include <map>
#include <random>

#include "base/error.h"
#include "tests/support/close.h"
#include "tests/weights/files.h"

namespace unclip {
namespace {

using testing::close;
using testing::error_of;

TEST(ScheduleFile, HoldsAnyOfTheQuantities) {
  const testing::TemporaryFolder folder;
  const std::vector<float> bars = {0.9F, 0.45F};
  for (const auto& [name, text] : std::map<std::string, std::string>{
           {"a.csv", "step,beta\n0,0.1\n1,0.5\n"},
           {"b.csv", "alpha_bar,beta\r\n0.9,7\r\n0.45,8\r\n"},
           {"c.csv", "t,alphas_cumprod\n0,0.9\n\n1,0.45\n"},
           {"d.csv", "\xEF\xBB\xBF\"sigma\"\n0.33333333333\n1.10554159679\n"},
           {"reversed.csv", "alpha_bar\n0.45\n0.9\n"},
           {"e.json", "[0.1, 0.5]"},
           {"f.json", R"({"betas": [0.1, 0.5]})"},
           {"g.json", R"({"alpha_bar": [0.9, 0.45], "beta": [1]})"},
           {"h.json", R"({"alphas_cumprod": [0.9, 0.45]})"},
           {"i.json", R"({"sigmas": [0.33333333333, 1.10554159679]})"}}) {
    testing::write_text(folder / name, text);
    EXPECT_TRUE(close(at::tensor(read_schedule(folder / name).alpha_bar), at::tensor(bars),
                      /*rtol=*/1e-6))
        << name;
  }
}

TEST(ScheduleFile, MayEndWithoutAnySignal) {
  for (const auto* text :
       {"alphas_cumprod\n0.5\n0.25\n0\n", "beta\n0.5\n0.5\n1\n", "sigma\n1\n1.7320508\ninf\n"}) {
    const auto schedule = schedule_of_numbers(parse_schedule_csv(text, "f"), "f");
    EXPECT_EQ(schedule.alpha_bar.back(), 0x1p-24F) << text;
    EXPECT_NEAR(schedule.alpha_bar[1], 0.25, 1e-6);
  }
  // 2^-24 must be less than the one before.
  const auto low = schedule_of_numbers(parse_schedule_csv("alpha_bar\n1e-8\n0\n", "f"), "f");
  EXPECT_FLOAT_EQ(low.alpha_bar.back(), 5e-9F);
  // Only the last one may be 0.
  EXPECT_THROW(schedule_of_numbers(parse_schedule_csv("alpha_bar\n0\n0\n", "f"), "f"), Error);
  EXPECT_THROW(schedule_of_numbers(parse_schedule_csv("beta\n1\n", "f"), "f"), Error);
}

TEST(ScheduleFile, ReportsWhatItLacks) {
  const auto csv = [](const std::string& text) {
    return error_of([&] { schedule_of_numbers(parse_schedule_csv(text, "f"), "f"); });
  };
  const auto json = [](const std::string& text) {
    return error_of([&] { schedule_of_numbers(parse_schedule_json(text, "f"), "f"); });
  };
  EXPECT_EQ(csv("step,gamma\n0,1\n"),
            "f: expected a column alphas_cumprod, alpha_bar, sigma or beta in the first line, got "
            "none of them");
  EXPECT_EQ(csv("step,beta\n0\n"), "f: line 2, 'beta': expected a number, got nothing");
  EXPECT_EQ(csv("beta\nx\n"), "f: line 2, 'beta': expected a number, got 'x'");
  EXPECT_EQ(csv("beta\nnan\n"), "f: beta 0: expected a number between 0 and 1, got nan");
  EXPECT_EQ(csv("beta\n0.1\n1.5\n"), "f: beta 1: expected a number between 0 and 1, got 1.5");
  EXPECT_EQ(csv("sigma\n-1\n"), "f: sigma 0: expected a number above 0, got -1");
  EXPECT_EQ(csv("beta\n"), "f: expected betas, got none");
  EXPECT_EQ(json("[0.1"), "f: expected JSON, got something else");
  EXPECT_EQ(json("{}"),
            "f: expected an array alphas_cumprod, alpha_bar, sigma or beta, got none of them");
  EXPECT_EQ(json("[\"x\"]"), "f: expected numbers, got string");
  EXPECT_EQ(json(R"({"beta": 3})"), "f: expected an array of numbers, got number");
  EXPECT_EQ(json(R"({"alpha_bar": [0.5, 0.6, 0.4]})"),
            "f: alpha_bar 1: expected a number between 0 and 0.5, the one before, got 0.6");
  EXPECT_EQ(error_of([] { read_schedule_numbers("f.txt"); }),
            "schedule file: expected a name that ends in .csv or .json, got 'f.txt'");
}

// Bytes that are changed, left out or put in: an Error or a schedule, nothing else.
TEST(ScheduleFile, IsReadOrRefusedWhateverItsBytes) {
  const std::string seeds[] = {"step,alphas_cumprod,beta\r\n0,0.9,0.1\r\n1,4.5e-1,0.5\r\n2,0,1\n",
                               R"({"alpha_bar": [0.9, 0.45, 0], "beta": [1, null, "x"]})"};
  std::mt19937 random(7);
  for (int round = 0; round < 4000; ++round) {
    auto text = seeds[round % 2];
    for (int edit = 0; edit < 1 + round % 4; ++edit) {
      const auto at = random() % text.size();
      const auto kind = random() % 3;
      if (kind == 0) text[at] = static_cast<char>(random());
      if (kind == 1) text.erase(at, 1 + random() % 4);
      if (kind == 2) text.insert(at, text.substr(random() % text.size(), random() % 9));
      if (text.empty()) text.push_back('x');
    }
    try {
      const auto choice =
          round % 2 == 0 ? parse_schedule_csv(text, "f") : parse_schedule_json(text, "f");
      for (const float a : schedule_of_numbers(choice, "f").alpha_bar) {
        ASSERT_GE(a, 0) << text;
        ASSERT_LE(a, 1) << text;
      }
    } catch (const Error&) {
    }
  }
}

}  // namespace
}  // namespace unclip
