#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <string>

#include "cli/streams.h"

namespace unclip::cli {

/// How far a run has come, on standard error: one line that is written over in a terminal, in a
/// log a line at each stage's end for the first pictures and then one in half a minute.
class ProgressBar {
 public:
  using Clock = std::function<double()>;  // seconds since any moment

  /// What one call of `show` tells.
  struct State {
    std::string stage;
    int64_t step = 0, steps = 0;  // steps done, and how many the stage has
    int64_t first_image = 0, images = 1, total_images = 1;  // the batch that is being painted
    const char* unit = "step";                              // what a step is called
  };

  explicit ProgressBar(const Streams& streams, Clock clock = steady_seconds);
  ~ProgressBar() { clear(); }
  ProgressBar(const ProgressBar&) = delete;
  ProgressBar& operator=(const ProgressBar&) = delete;

  void show(const State& state);
  /// Takes the line away, so that something else can be printed.
  void clear();

 private:
  static double steady_seconds();
  void show_in_terminal(const State& state, double now);
  void show_in_log(const State& state, double now);
  std::string rate_and_rest(const State& state, double now) const;

  std::ostream& err_;
  size_t columns_;
  Clock clock_;
  std::string stage_;        // of the last call
  int64_t first_image_ = 0;  // likewise
  int64_t first_step_ = 0;   // of the first call in this stage
  double stage_start_ = 0;   // when that was
  double last_line_ = 0;     // when the log last got one
  bool on_screen_ = false;
};

/// 8.25 -> "8.3 steps/s", 0.25 -> "4.0 s/step"
std::string rate_text(double per_second, const char* unit = "step");
/// 75 -> "1:15", 3700 -> "1:01:40"
std::string time_text(double seconds);

}  // namespace unclip::cli
