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
/// looks at most every 20 ms at how busy the machine is, and lets them spin or sleep. It does
/// nothing if the user has set OMP_WAIT_POLICY or GOMP_SPINCOUNT, and costs 30 ns between two
/// looks.
///
/// Called at the start of main(), by parallel_for, and by every step of training. Any thread may
/// call it.
void adapt_spinning();

/// The load of the machine at one look.
struct Load {
  double seconds = 0;   ///< time of the look
  double waited = 0;    ///< seconds that threads of this process have waited for a processor so far
  int64_t running = 0;  ///< running or runnable threads of all processes, including this one's
};

/// Decides from successive looks whether other programs compete with `threads` threads of this one
/// for `processors` processors.
class BusyDetector {
 public:
  /// `busy`: what is assumed before the first look.
  BusyDetector(int64_t processors, int64_t threads, bool busy = false)
      : processors_(processors), threads_(threads), busy_(busy) {}

  /// Whether the machine is busy. It becomes so when this process's threads waited for a processor
  /// in two of three looks, and idle after a second in which they seldom did and little else ran.
  bool look(const Load& load);

  /// Whether other programs run that need the same processors, from a load that was measured while
  /// this process ran one thread.
  static bool others_run(const Load& load, int64_t processors, int64_t threads);

 private:
  bool waits(const Load& load) const;
  void end_second(const Load& load);

  int64_t processors_, threads_;
  bool busy_;
  bool looked_ = false;
  Load last_;
  std::deque<bool> recent_;             // whether threads waited, for the last three looks
  double second_ = 0;                   // when the current second began
  int64_t looks_ = 0, busy_looks_ = 0;  // in the current second
};

/// The number of running threads in the text of /proc/loadavg, "0.5 0.4 0.3 2/345 678"; 0 if it has
/// another form.
int64_t running_threads(std::string_view loadavg);

/// The time that a thread has waited for a processor in the text of its /proc/.../schedstat,
/// "<run ns> <wait ns> <slices>"; 0 if it has another form.
int64_t nanoseconds_waited(std::string_view schedstat);

}  // namespace unclip::kernels
