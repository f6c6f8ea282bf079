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

TEST(ProgressBar, CountsImages) {
  Watched w(100);
  w.bar.show({"prior", 0, 2, 3, 1, 10});
  EXPECT_NE(w.printed().find("image 4 of 10  prior"), std::string::npos);
  w.bar.show({"prior", 0, 2, 4, 4, 10});
  EXPECT_NE(w.printed().find("images 5 to 8 of 10  prior"), std::string::npos);
}

/// Shows batches of one image each: prior in 2 s, decoder in 4 s, a second a step.
void paint(Watched& w, int64_t first, int64_t end, int64_t total) {
  for (int64_t image = first; image < end; ++image) {
    for (int64_t step = 0; step <= 2; ++step, ++w.now) {
      w.bar.show({"prior", step, 2, image, 1, total});
    }
    --w.now;
    for (int64_t step = 0; step <= 4; ++step, ++w.now) {
      w.bar.show({"decoder", step, 4, image, 1, total});
    }
    --w.now;
  }
}

TEST(ProgressBar, ForetellsTheEndOfTheRunFromTheImagesSoFar) {
  Watched w(100);
  paint(w, 0, 2, 5);
  w.printed();
  w.bar.show({"prior", 0, 2, 2, 1, 5});
  w.now += 1;
  w.bar.show({"prior", 1, 2, 2, 1, 5});
  // 1 s of this stage, 4 s of the decoder, two images of 6 s
  EXPECT_NE(w.printed().find("1.0 steps/s  0:01, 0:17 left in all"), std::string::npos);
}

TEST(ProgressBar, IsNeverCut) {
  for (const int columns : {40, 60, 80, 120}) {
    Watched w(columns);
    paint(w, 0, 2, 5);
    w.bar.show({"prior", 0, 2, 2, 1, 5});
    w.now += 1;
    w.printed();
    w.bar.show({"prior", 1, 2, 2, 1, 5});
    const auto line = w.printed();
    EXPECT_TRUE(line.ends_with("0:01, 0:17 left in all")) << columns << line;
    EXPECT_LT(line.size() - 4, static_cast<size_t>(columns)) << line;
  }
}

TEST(ProgressBar, StaysWithinAVeryNarrowTerminal) {
  Watched w(10);
  w.bar.show({"super-resolution", 0, 4, 0, 1, 1});
  EXPECT_EQ(w.printed(), "\r\033[Ksuper-res");
}

TEST(ProgressBar, ShowsColoursOnlyIfTheTerminalDoes) {
  Watched w(100);
  w.bar.show({"prior", 1, 2, 0, 1, 1});
  EXPECT_EQ(w.printed().find("\033[32m"), std::string::npos);
  std::istringstream in;
  std::ostringstream out, err;
  const Streams streams{in, out, err, 100, true};
  ProgressBar bar(streams, [] { return 0.0; });
  bar.show({"prior", 1, 2, 0, 1, 1});
  EXPECT_EQ(err.str(),
            "\r\033[K\033[1;36mprior\033[0m            [\033[32m==========          \033[0m] 1/2");
}

TEST(ProgressBar, GivesALogOneLineAStageForASingleImage) {
  Watched w(0);
  for (const auto* stage : {"prior", "decoder"}) {
    for (int64_t step = 0; step <= 5; ++step, w.now += 0.5) w.bar.show({stage, step, 5, 0, 1, 1});
  }
  w.bar.clear();
  EXPECT_EQ(w.printed(), "prior 5/5  2.0 steps/s\ndecoder 5/5  2.0 steps/s\n");
}

TEST(ProgressBar, GivesALogOneLineAnImage) {
  Watched w(0);
  paint(w, 0, 5, 5);
  w.bar.clear();
  EXPECT_EQ(w.printed(),
            "image 1 of 5  prior 2/2  1.0 steps/s\n"
            "image 1 of 5  decoder 4/4  1.0 steps/s\n"
            "image 1 of 5  6.0 s  0:24 left\n"
            "image 2 of 5  6.0 s  0:18 left\n"
            "image 3 of 5  6.0 s  0:12 left\n"
            "image 4 of 5  6.0 s  0:06 left\n"
            "image 5 of 5  6.0 s\n");
}

TEST(ProgressBar, GivesALogALineEachHalfMinuteOfALongStage) {
  Watched w(0);
  for (int64_t step = 0; step <= 100; ++step, ++w.now) w.bar.show({"decoder", step, 200, 0, 1, 1});
  const auto text = w.printed();
  EXPECT_EQ(std::count(text.begin(), text.end(), '\n'), 3) << text;
  EXPECT_EQ(text.find('\r'), text.npos);
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
