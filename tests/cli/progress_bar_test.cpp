#include "cli/progress_bar.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <sstream>

namespace unclip::cli {
namespace {

/// A bar whose clock the test sets.
struct Watched {
  explicit Watched(int columns) : streams{in, out, err, columns} {}
  std::string printed() {
    auto text = err.str();
    err.str("");
    return text;
  }
  std::istringstream in;
  std::ostringstream out, err;
  Streams streams;
  double now = 0;
  ProgressBar bar{streams, [this] { return now; }};
};

TEST(ProgressBar, WritesOverItsOwnLineInATerminal) {
  Watched w(100);
  w.bar.show({"prior", 0, 4, 0, 1, 1});
  EXPECT_EQ(w.printed(), "\r\033[Kprior            [                    ] 0/4");
  w.now = 0.5;
  w.bar.show({"prior", 1, 4, 0, 1, 1});
  EXPECT_EQ(w.printed(),
            "\r\033[Kprior            [=====               ] 1/4  2.0 steps/s  0:02 left");
  w.now = 2;
  w.bar.show({"prior", 4, 4, 0, 1, 1});
  EXPECT_EQ(w.printed(), "\r\033[Kprior            [====================] 4/4  2.0 steps/s");
  w.bar.clear();
  EXPECT_EQ(w.printed(), "\r\033[K");
  w.bar.clear();
  EXPECT_EQ(w.printed(), "");
}

TEST(ProgressBar, MeasuresEachStageAlone) {
  Watched w(100);
  w.bar.show({"prior", 0, 2, 0, 1, 1});
  w.now = 10;
  w.bar.show({"decoder", 0, 2, 0, 1, 1});
  w.now = 14;
  w.printed();
  w.bar.show({"decoder", 1, 2, 0, 1, 1});
  EXPECT_NE(w.printed().find("4.0 s/step  0:04 left"), std::string::npos);
}

TEST(ProgressBar, TellsWhichPicturesOfHowMany) {
  Watched w(100);
  w.bar.show({"prior", 0, 2, 3, 1, 10});
  EXPECT_NE(w.printed().find("picture 4 of 10  prior"), std::string::npos);
  w.bar.show({"prior", 0, 2, 4, 4, 10});
  EXPECT_NE(w.printed().find("pictures 5 to 8 of 10  prior"), std::string::npos);
}

TEST(ProgressBar, StaysWithinTheTerminal) {
  Watched w(20);
  w.bar.show({"prior", 0, 4, 0, 1, 1});
  EXPECT_EQ(w.printed(), "\r\033[Kprior            [ ");
}

TEST(ProgressBar, GivesALogOneLineAStageForTheFirstPicture) {
  Watched w(0);
  for (const auto* stage : {"prior", "decoder"}) {
    for (int64_t step = 0; step <= 5; ++step, w.now += 0.5) w.bar.show({stage, step, 5, 0, 1, 1});
  }
  w.bar.clear();
  EXPECT_EQ(w.printed(), "prior 5/5  2.0 steps/s\ndecoder 5/5  2.0 steps/s\n");
}

TEST(ProgressBar, GivesALogFewLinesForManyPictures) {
  Watched w(0);
  for (int64_t image = 0; image < 100; ++image) {
    for (int64_t step = 0; step <= 4; ++step, w.now += 0.2) {
      w.bar.show({"decoder", step, 4, image, 1, 100});
    }
  }
  const auto text = w.printed();  // of 100 seconds
  EXPECT_EQ(std::count(text.begin(), text.end(), '\n'), 4) << text;
  EXPECT_EQ(text.find('\r'), text.npos);
  EXPECT_EQ(text.find("picture 1 of 100  decoder 4/4  5.0 steps/s\n"), 0u) << text;
}

TEST(ProgressBar, WritesRatesAndTimesForPeople) {
  EXPECT_EQ(rate_text(8.25), "8.2 steps/s");
  EXPECT_EQ(rate_text(0.25), "4.0 s/step");
  EXPECT_EQ(rate_text(8.25, "picture"), "8.2 pictures/s");
  EXPECT_EQ(time_text(0.2), "0:01");
  EXPECT_EQ(time_text(75), "1:15");
  EXPECT_EQ(time_text(3700), "1:01:40");
}

}  // namespace
}  // namespace unclip::cli
