#include "kernels/spinning.h"

#include <fcntl.h>
#include <omp.h>
#include <sys/resource.h>
#include <unistd.h>

#include <atomic>
#include <charconv>
#include <chrono>
#include <condition_variable>
#include <cstdlib>
#include <memory>
#include <mutex>
#include <thread>

namespace unclip::kernels {
namespace {

constexpr double kSecondsBetweenLooks = 0.01;
constexpr double kIdleAfterSeconds = 1;
constexpr size_t kRecentLooks = 4;
constexpr int kBusyLooks = 2;
constexpr int64_t kPreemptions = 2;  // between two looks

double seconds_now() {
  const auto now = std::chrono::steady_clock::now().time_since_epoch();
  return std::chrono::duration<double>(now).count();
}

/// Threads that do nothing. libgomp's manual, GOMP_SPINCOUNT: if there are more OpenMP threads than
/// processors, the threads spin 100 times, not 300,000. These make it so while they live.
class SleepingThreads {
 public:
  explicit SleepingThreads(int count) : owner_([this, count] { own(count); }) {}
  ~SleepingThreads() {
    {
      const std::lock_guard lock(mutex_);
      end_ = true;
    }
    condition_.notify_one();
    owner_.join();  // libgomp ends the threads of a team with the thread that began it
  }
  SleepingThreads(const SleepingThreads&) = delete;
  SleepingThreads& operator=(const SleepingThreads&) = delete;

 private:
  void own(int count) {
#pragma omp parallel num_threads(count)
    {}
    std::unique_lock lock(mutex_);
    condition_.wait(lock, [this] { return end_; });
  }

  std::mutex mutex_;
  std::condition_variable condition_;
  bool end_ = false;
  std::thread owner_;  // last: it uses the others
};

Load current_load() {
  Load load{.seconds = seconds_now()};
  rusage usage = {};
  getrusage(RUSAGE_SELF, &usage);
  load.preempted = usage.ru_nivcsw;
  char text[128];
  if (const int file = open("/proc/loadavg", O_RDONLY | O_CLOEXEC); file >= 0) {
    const auto size = read(file, text, sizeof text);
    close(file);
    if (size > 0) load.running = running_threads({text, static_cast<size_t>(size)});
  }
  return load;
}

class Adapter {
 public:
  void look() {
    const double now = seconds_now();
    if (now < next_look_.load(std::memory_order_relaxed)) return;
    const std::unique_lock lock(mutex_, std::try_to_lock);
    if (!lock) return;  // another thread looks
    next_look_ = now + kSecondsBetweenLooks;
    const bool busy = detector_.look(current_load());
    if (busy == (threads_ != nullptr)) return;
    if (busy) {
      threads_ = std::make_unique<SleepingThreads>(omp_get_num_procs() + 1);
    } else {
      threads_.reset();
    }
    sleep_ = busy;
  }
  bool sleep() const { return sleep_; }

 private:
  std::mutex mutex_;
  std::atomic<double> next_look_ = 0;
  std::atomic<bool> sleep_ = false;
  BusyDetector detector_{omp_get_num_procs(), omp_get_max_threads()};
  std::unique_ptr<SleepingThreads> threads_;
};

Adapter& adapter() {
  static Adapter* const adapter = new Adapter;  // never destroyed: threads may outlive main()
  return *adapter;
}

bool user_decides() {
  static const bool decides =
      std::getenv("OMP_WAIT_POLICY") != nullptr || std::getenv("GOMP_SPINCOUNT") != nullptr;
  return decides;
}

}  // namespace

bool BusyDetector::is_busy(const Load& load) const {
  if (last_.seconds > 0 && load.preempted - last_.preempted >= kPreemptions) return true;
  // While this process's threads spin, all of them run; while they sleep, the caller does.
  const auto others = load.running - (busy_ ? 1 : threads_);
  return threads_ > 1 && others + threads_ > processors_ && others > 0;
}

bool BusyDetector::look(const Load& load) {
  const bool busy = is_busy(load);
  recent_.push_back(busy);
  if (recent_.size() > kRecentLooks) recent_.pop_front();
  if (busy) last_busy_ = load.seconds;
  int looks = 0;
  for (const bool each : recent_) looks += each ? 1 : 0;
  if (looks >= kBusyLooks) busy_ = true;
  if (load.seconds - last_busy_ > kIdleAfterSeconds) busy_ = false;
  last_ = load;
  return busy_;
}

int64_t running_threads(std::string_view loadavg) {
  const auto slash = loadavg.find('/');
  if (slash == loadavg.npos) return 0;
  const auto space = loadavg.rfind(' ', slash);
  int64_t running = 0;
  const auto* begin = loadavg.data() + (space == loadavg.npos ? 0 : space + 1);
  const auto [end, error] = std::from_chars(begin, loadavg.data() + slash, running);
  return error == std::errc() && end == loadavg.data() + slash && running > 0 ? running : 0;
}

void adapt_spinning() {
  if (!user_decides()) adapter().look();
}

bool threads_sleep() { return !user_decides() && adapter().sleep(); }

}  // namespace unclip::kernels
