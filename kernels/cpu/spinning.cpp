#include "kernels/spinning.h"

#include <dirent.h>
#include <fcntl.h>
#include <omp.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <charconv>
#include <chrono>
#include <condition_variable>
#include <cstdio>
#include <cstdlib>
#include <memory>
#include <mutex>
#include <thread>

namespace unclip::kernels {
namespace {

constexpr double kSecondsBetweenLooks = 0.02;
constexpr size_t kRecentLooks = 3;
constexpr int kBusyLooks = 2;    // that make the machine busy
constexpr double kWaits = 0.2;   // of the time between two looks, by all threads together
constexpr int kMostThreads = 8;  // that are measured

double seconds_now() {
  const auto now = std::chrono::steady_clock::now().time_since_epoch();
  return std::chrono::duration<double>(now).count();
}

/// Idle threads. libgomp's manual, GOMP_SPINCOUNT: if there are more OpenMP threads than
/// processors, the threads spin 100 times, not 300,000. These threads cause that while they exist.
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
    // An empty region is compiled to nothing.
#pragma omp parallel num_threads(count)
    started_.fetch_add(1, std::memory_order_relaxed);
    std::unique_lock lock(mutex_);
    condition_.wait(lock, [this] { return end_; });
  }

  std::atomic<int> started_ = 0;
  std::mutex mutex_;
  std::condition_variable condition_;
  bool end_ = false;
  std::thread owner_;  // last: it uses the others
};

/// The start of a file of /proc, in `buffer`; empty if it cannot be read.
std::string_view read_start(const char* path, char* buffer, size_t size) {
  const int file = open(path, O_RDONLY | O_CLOEXEC);
  if (file < 0) return {};
  const auto count = read(file, buffer, size);
  close(file);
  return {buffer, count > 0 ? static_cast<size_t>(count) : 0};
}

/// Seconds that the first threads of this process have waited for a processor.
double seconds_waited() {
  DIR* const tasks = opendir("/proc/self/task");
  if (tasks == nullptr) return 0;
  double seconds = 0;
  int threads = 0;
  while (const auto* entry = readdir(tasks)) {
    if (entry->d_name[0] == '.') continue;
    char path[64], text[128];
    std::snprintf(path, sizeof path, "/proc/self/task/%.20s/schedstat", entry->d_name);
    seconds += 1e-9 * static_cast<double>(nanoseconds_waited(read_start(path, text, sizeof text)));
    if (++threads == kMostThreads) break;
  }
  closedir(tasks);
  return seconds;
}

Load current_load() {
  char text[128];
  return {.seconds = seconds_now(),
          .waited = seconds_waited(),
          .running = running_threads(read_start("/proc/loadavg", text, sizeof text))};
}

/// Whether other programs run in three looks within 2 ms, when this one has a single thread still.
bool is_busy_at_first() {
  for (int i = 0; i < 3; ++i) {
    if (i > 0) usleep(1000);
    if (!BusyDetector::others_run(current_load(), omp_get_num_procs(), omp_get_max_threads())) {
      return false;
    }
  }
  return true;
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
  }

 private:
  std::mutex mutex_;
  std::atomic<double> next_look_ = 0;
  BusyDetector detector_{omp_get_num_procs(), omp_get_max_threads(), is_busy_at_first()};
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

bool BusyDetector::others_run(const Load& load, int64_t processors, int64_t threads) {
  const auto others = load.running - 1;
  return others > 0 && others + threads > processors;
}

bool BusyDetector::waits(const Load& load) const {
  return looked_ && load.waited - last_.waited >= kWaits * (load.seconds - last_.seconds);
}

bool BusyDetector::look(const Load& load) {
  if (threads_ < 2) return false;  // no thread waits for another
  const bool waiting = waits(load);
  recent_.push_back(waiting);
  if (recent_.size() > kRecentLooks) recent_.pop_front();
  if (std::count(recent_.begin(), recent_.end(), true) >= kBusyLooks) busy_ = true;

  // While this process's threads spin they count as running, and cannot be distinguished from those
  // of other programs.
  const bool others = busy_ && others_run(load, processors_, threads_);
  if (!looked_) second_ = load.seconds;
  ++looks_;
  if (waiting || others) ++busy_looks_;
  if (load.seconds - second_ > 1) end_second(load);
  looked_ = true;
  last_ = load;
  return busy_;
}

void BusyDetector::end_second(const Load& load) {
  if (2 * busy_looks_ < looks_) busy_ = false;
  second_ = load.seconds;
  looks_ = busy_looks_ = 0;
}

namespace {

/// The integer at the start of `text`, up to `end`; 0 if there is none.
int64_t integer_before(std::string_view text, char end) {
  int64_t value = 0;
  const auto [rest, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  const bool whole = rest != text.data() + text.size() && *rest == end;
  return error == std::errc() && whole && value > 0 ? value : 0;
}

}  // namespace

int64_t running_threads(std::string_view loadavg) {
  const auto slash = loadavg.find('/');
  if (slash == loadavg.npos) return 0;
  const auto space = loadavg.rfind(' ', slash);
  return integer_before(loadavg.substr(space == loadavg.npos ? 0 : space + 1), '/');
}

int64_t nanoseconds_waited(std::string_view schedstat) {
  const auto space = schedstat.find(' ');
  return space == schedstat.npos ? 0 : integer_before(schedstat.substr(space + 1), ' ');
}

void adapt_spinning() {
  if (!user_decides()) adapter().look();
}

}  // namespace unclip::kernels
