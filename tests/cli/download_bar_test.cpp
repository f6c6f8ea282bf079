#include "cli/download_bar.h"

#include <gtest/gtest.h>

#include <sstream>

namespace unclip::cli {
namespace {

/// A bar whose clock the test sets.
struct WatchedDownload {
  explicit WatchedDownload(int columns, bool colours = false)
      : streams{in, out, err, columns, colours} {}
  std::string shown(double seconds, const hub::PullProgress& progress) {
    now = seconds;
    err.str("");
    bar.show(progress);
    return err.str();
  }
  std::istringstream in;
  std::ostringstream out, err;
  Streams streams;
  double now = 0;
  DownloadBar bar{"me/model", streams, [this] { return now; }};
};

hub::PullProgress after(uint64_t bytes, uint64_t received) {
  return {.files_done = 3,
          .files = 12,
          .bytes_done = bytes,
          .bytes = 400'000'000,
          .received = received};
}

TEST(DownloadBar, ShowsRateAndTimeLeftInATerminal) {
  WatchedDownload w(100);
  EXPECT_EQ(w.shown(0, after(100'000'000, 0)),
            "\r\033[Kme/model  [=====               ] 3/12 files  100.0 MB of 400.0 MB");
  EXPECT_EQ(w.shown(2, after(200'000'000, 100'000'000)),
            "\r\033[Kme/model  [==========          ] 3/12 files  200.0 MB of 400.0 MB  50.0 MB/s  "
            "0:04 left");
  // What was there before is no part of the rate, and neither is what is long ago.
  EXPECT_NE(w.shown(100, after(200'000'000, 100'000'000)).find("200.0 MB of"), std::string::npos);
  EXPECT_EQ(w.shown(101, after(201'000'000, 101'000'000)).find("50.0 MB/s"), std::string::npos);
  w.err.str("");
  w.bar.clear();
  EXPECT_EQ(w.err.str(), "\r\033[K");
}

TEST(DownloadBar, FitsTheTerminal) {
  for (const int columns : {1, 5, 20, 40, 60, 80, 120}) {
    WatchedDownload w(columns);
    w.shown(0, after(0, 0));
    const auto line = w.shown(1, after(100'000'000, 100'000'000));
    EXPECT_LT(line.size() - 4, static_cast<size_t>(columns)) << line;  // without \r\033[K
  }
}

TEST(DownloadBar, IsColoured) {
  WatchedDownload w(100, true);
  const auto line = w.shown(0, after(200'000'000, 0));
  EXPECT_NE(line.find("\033[1;36mme/model\033[0m  [\033[32m=========="), line.npos) << line;
}

TEST(DownloadBar, GivesALogALineEachHalfMinute) {
  WatchedDownload w(0);
  EXPECT_EQ(w.shown(1, after(0, 0)), "");
  EXPECT_EQ(w.shown(29, after(0, 0)), "");
  EXPECT_EQ(w.shown(31, after(20'000'000, 20'000'000)),
            "me/model  3/12 files  20.0 MB of 400.0 MB  10.0 MB/s  0:38 left\n");
  EXPECT_EQ(w.shown(32, after(20'000'000, 20'000'000)), "");
}

}  // namespace
}  // namespace unclip::cli
