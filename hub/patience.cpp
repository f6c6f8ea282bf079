#include "hub/patience.h"

#include <algorithm>
#include <chrono>
#include <cmath>
#include <thread>

namespace unclip::hub {

Patience::Patience(RetryOptions options, std::function<bool()> stopped,
                   std::function<void(const std::string&)> note)
    : options_(options), stopped_(std::move(stopped)), note_(std::move(note)) {}

void Patience::wait(const HttpFailure& failure) {
  ++failures_;
  const bool hopeless = failure.kind == HttpFailure::Kind::kFinal ||
                        (failure.kind == HttpFailure::Kind::kUnreachable && !reached_);
  if (hopeless || failures_ >= options_.attempts || failure.retry_after > options_.longest_wait) {
    throw failure;
  }
  const double own = options_.first_wait * std::pow(2.0, failures_ - 1);
  const double seconds = std::min(std::max(own, failure.retry_after), options_.longest_wait);
  constexpr double kNotable = 3;
  if (note_ && seconds >= kNotable) {
    note_(std::string(failure.what()) + "; the next attempt is in " +
          std::to_string(static_cast<int64_t>(std::ceil(seconds))) + " s");
  }
  sleep(seconds);
}

void Patience::sleep(double seconds) const {
  using Clock = std::chrono::steady_clock;
  const auto end = Clock::now() + std::chrono::duration_cast<Clock::duration>(
                                      std::chrono::duration<double>(seconds));
  while (Clock::now() < end) {
    if (stopped_ && stopped_()) throw Stopped();
    const auto left = end - Clock::now();
    std::this_thread::sleep_for(std::min<Clock::duration>(left, std::chrono::milliseconds(50)));
  }
}

}  // namespace unclip::hub
