#pragma once

#include <cstdint>
#include <deque>
#include <functional>
#include <string>
#include <utility>

#include "cli/streams.h"
#include "hub/pull.h"

namespace unclip::cli {

/// Shows on standard error how far a download is. A terminal gets one line, rewritten several times
/// a second and shortened until it fits; a log gets a line every half minute.
class DownloadBar {
 public:
  using Clock = std::function<double()>;  // seconds since some moment

  /// `name` is what is downloaded.
  DownloadBar(std::string name, const Streams& streams, Clock clock = steady_clock_seconds);
  ~DownloadBar() { clear(); }
  DownloadBar(const DownloadBar&) = delete;
  DownloadBar& operator=(const DownloadBar&) = delete;

  void show(const hub::PullProgress& progress);
  /// Removes the line, so that something else can be printed.
  void clear();

 private:
  static double steady_clock_seconds();
  /// Bytes per second over the last seconds; 0: not known yet.
  double rate(uint64_t received, double now);
  void show_in_terminal(const std::string& count, const std::string& rate, const std::string& left,
                        double share);

  std::string name_;
  std::ostream& err_;
  size_t columns_;
  bool colours_;
  Clock clock_;
  std::deque<std::pair<double, uint64_t>> received_;  // when how many bytes had come
  double last_line_;                                  // when the log last got a line
  bool on_screen_ = false;
};

}  // namespace unclip::cli
