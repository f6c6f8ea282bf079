#include "train/plot.h"

#include <gtest/gtest.h>

#include <random>
#include <string>

#include "base/error.h"

namespace unclip::train {
namespace {

TEST(ParseLog, ReadsEachFigureInOrder) {
  const auto curves =
      parse_log("50,loss,2.5,caption,0.25\n100,loss,1e-1,caption,nan\n", "clip.csv");
  ASSERT_EQ(curves.size(), 2u);
  EXPECT_EQ(curves[0].name, "loss");
  EXPECT_EQ(curves[0].values, (std::map<int64_t, double>{{50, 2.5}, {100, 0.1}}));
  EXPECT_EQ(curves[1].name, "caption");
  EXPECT_EQ(curves[1].values.size(), 2u);
}

TEST(ParseLog, TakesTheLastOfAStepThatWasRepeated) {
  const auto curves = parse_log("50,loss,3\n100,loss,2\n50,loss,1\n", "clip.csv");
  EXPECT_EQ(curves[0].values, (std::map<int64_t, double>{{50, 1}, {100, 2}}));
}

TEST(ParseLog, FaultsAreNamedWithFileAndLine) {
  struct Fault {
    const char *csv, *place, *found;
  };
  for (const auto& [csv, place, found] :
       {Fault{"", "clip.csv", "none"}, Fault{"50,loss\n", "line 1", "2 fields"},
        Fault{"50,loss,1\nx,loss,1\n", "line 2", "'x'"}, Fault{"50,loss,y\n", "line 1", "'y'"},
        Fault{"50,loss,1z\n", "line 1", "'1z'"},
        Fault{"99999999999999999999,a,1", "line 1", "'9999"}}) {
    try {
      parse_log(csv, "clip.csv");
      ADD_FAILURE() << csv;
    } catch (const Error& error) {
      const std::string message = error.what();
      EXPECT_TRUE(message.starts_with("clip.csv")) << message;
      EXPECT_NE(message.find(place), message.npos) << message;
      EXPECT_NE(message.find("expected"), message.npos) << message;
      EXPECT_NE(message.find(found), message.npos) << message;
    }
  }
}

TEST(ParseLog, OfAnyBytesIsALogOrAnError) {
  const std::string whole = "50,loss,2.5,caption,0.25\n100,loss,1e-1,caption,0.5\n";
  std::mt19937 random(1);
  for (int i = 0; i < 3000; ++i) {
    std::string bytes = whole.substr(0, random() % (whole.size() + 1));
    for (unsigned k = random() % 4; k > 0 && !bytes.empty(); --k) {
      bytes[random() % bytes.size()] = static_cast<char>(random());
    }
    try {
      for (const Curve& curve : parse_log(bytes, "clip.csv")) EXPECT_FALSE(curve.values.empty());
    } catch (const Error& error) {
      EXPECT_TRUE(std::string(error.what()).starts_with("clip.csv")) << error.what();
    }
  }
}

}  // namespace
}  // namespace unclip::train
