#pragma once

#include <cstdint>
#include <deque>
#include <string_view>

namespace unclip::kernels {

/// Lets libtorch's idle threads sleep at once while other programs need the processors.
///
/// libgomp's threads spin for some 15 ms before they sleep. On an idle machine that saves the time
/// of waking them thousands of times an image; on a busy one a thread that spins takes the
/// processor from the thread that it waits for, and a run takes 3 to 12 times as long. So this
/// looks at most every 10 ms at how busy the machine is, and lets them spin or sleep. It does
/// nothing if the user has set OMP_WAIT_POLICY or GOMP_SPINCOUNT, and costs 30 ns otherwise.
///
/// Called by parallel_for, and by every step of sampling and training. Any thread may call it.
void adapt_spinning();

/// Whether the threads sleep at once now.
bool threads_sleep();

/// What one look at the machine sees.
struct Load {
  double seconds = 0;     ///< when
  int64_t preempted = 0;  ///< involuntary context switches of this process, from its start
  int64_t running = 0;    ///< threads of all processes that run or could, this one's included
};

/// Decides from successive loads whether other programs compete with `threads` threads for
/// `processors` processors.
class BusyDetector {
 public:
  BusyDetector(int64_t processors, int64_t threads) : processors_(processors), threads_(threads) {}

  /// Whether the machine is busy. It becomes so after two busy looks of four, and idle after one
  /// second without any.
  bool look(const Load& load);

 private:
  bool is_busy(const Load& load) const;

  int64_t processors_, threads_;
  bool busy_ = false;
  Load last_;
  double last_busy_ = 0;     // seconds
  std::deque<bool> recent_;  // of the last four looks
};

/// The number of running threads in the text of /proc/loadavg, "0.5 0.4 0.3 2/345 678"; 0 if it has
/// another form.
int64_t running_threads(std::string_view loadavg);

}  // namespace unclip::kernels
