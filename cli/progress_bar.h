#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <vector>

#include "cli/streams.h"

namespace unclip::cli {

/// Shows on standard error how far a run is. A terminal gets one line, rewritten at each step and
/// shortened until it fits. A log gets a line for each stage of the first batch, a line for each
/// batch, and one every half minute in between.
class ProgressBar {
 public:
  using Clock = std::function<double()>;  // seconds since some moment

  struct State {
    std::string stage;
    int64_t step = 0, steps = 0;  // steps that are done, and all steps of the stage
    int64_t first_image = 0, images = 1, total_images = 1;  // the batch in work, from 0; the run
    const char* unit = "step";                              // the name of a step
  };

  explicit ProgressBar(const Streams& streams, Clock clock = steady_seconds);
  ~ProgressBar() { clear(); }
  ProgressBar(const ProgressBar&) = delete;
  ProgressBar& operator=(const ProgressBar&) = delete;

  void show(const State& state);
  /// Removes the line, so that something else can be printed.
  void clear();

 private:
  /// What a line says, apart from the bar.
  struct Parts {
    std::string images, stage, count, rate, left;
  };

  static double steady_seconds();
  void note_times(const State& state, double now);
  void show_in_terminal(const State& state, double now);
  void show_in_log(const State& state, double now);
  void log_batch();
  Parts parts_of(const State& state, double now) const;
  /// Seconds until the end of the stage, and of the run; negative: not known yet.
  double stage_left(const State& state, double now) const;
  double run_left(const State& state, double now) const;

  std::ostream& err_;
  size_t columns_;
  bool colours_;
  Clock clock_;
  State last_;                              // of the last call
  bool shown_ = false;                      // whether there was one
  int64_t first_step_ = 0;                  // of the stage's first call
  double stage_start_ = 0;                  // when that was
  double batch_start_ = 0, run_start_ = 0;  // likewise, of batch and run
  std::vector<std::string> stages_;         // of the batches so far, in order
  std::map<std::string, double> seconds_;   // stage -> seconds in the last batch that had it
  double last_line_ = 0;                    // when the log last got a line
  double last_time_ = 0;                    // of the last call
  bool batch_logged_ = false;
  bool on_screen_ = false;
};

/// 8.25 -> "8.3 steps/s", 0.25 -> "4.0 s/step"
std::string rate_text(double per_second, const char* unit = "step");
/// 75 -> "1:15", 3700 -> "1:01:40"
std::string time_text(double seconds);

}  // namespace unclip::cli
