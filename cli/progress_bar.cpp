#include "cli/progress_bar.h"

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <ostream>

namespace unclip::cli {
namespace {

constexpr double kSecondsBetweenLines = 30;
constexpr int kBarWidth = 20;

template <class... Values>
std::string format(const char* pattern, Values... values) {
  char text[200];
  std::snprintf(text, sizeof text, pattern, values...);
  return text;
}

std::string bar(int64_t step, int64_t steps) {
  const std::string full(static_cast<size_t>(kBarWidth * step / std::max<int64_t>(steps, 1)), '=');
  return format("[%-*s]", kBarWidth, full.c_str());
}

/// Pictures are counted from 1 here, for people.
std::string images_text(const ProgressBar::State& state) {
  if (state.total_images == 1) return "";
  const auto first = static_cast<long long>(state.first_image + 1);
  const auto last = static_cast<long long>(state.first_image + state.images);
  const auto total = static_cast<long long>(state.total_images);
  return state.images == 1 ? format("picture %lld of %lld  ", first, total)
                           : format("pictures %lld to %lld of %lld  ", first, last, total);
}

}  // namespace

std::string rate_text(double per_second, const char* unit) {
  return per_second >= 1 ? format("%.1f %ss/s", per_second, unit)
                         : format("%.1f s/%s", 1 / per_second, unit);
}

std::string time_text(double seconds) {
  const auto whole = static_cast<long long>(std::ceil(seconds));
  return whole < 3600 ? format("%lld:%02lld", whole / 60, whole % 60)
                      : format("%lld:%02lld:%02lld", whole / 3600, whole / 60 % 60, whole % 60);
}

double ProgressBar::steady_seconds() {
  const auto now = std::chrono::steady_clock::now().time_since_epoch();
  return std::chrono::duration<double>(now).count();
}

ProgressBar::ProgressBar(const Streams& streams, Clock clock)
    : err_(streams.err),
      columns_(static_cast<size_t>(streams.err_columns)),
      clock_(std::move(clock)),
      last_line_(clock_()) {}

void ProgressBar::show(const State& state) {
  const double now = clock_();
  if (state.stage != stage_ || state.first_image != first_image_) {
    stage_ = state.stage;
    first_image_ = state.first_image;
    first_step_ = state.step;
    stage_start_ = now;
  }
  if (columns_ > 0) {
    show_in_terminal(state, now);
  } else {
    show_in_log(state, now);
  }
}

std::string ProgressBar::rate_and_rest(const State& state, double now) const {
  const auto steps = static_cast<double>(state.step - first_step_);
  if (steps <= 0 || now <= stage_start_) return "";
  const double rate = steps / (now - stage_start_);
  auto text = "  " + rate_text(rate, state.unit);
  if (state.step < state.steps) {
    text += "  " + time_text(static_cast<double>(state.steps - state.step) / rate) + " left";
  }
  return text;
}

void ProgressBar::show_in_terminal(const State& state, double now) {
  auto line = images_text(state) + format("%-16s ", state.stage.c_str()) +
              bar(state.step, state.steps) +
              format(" %lld/%lld", static_cast<long long>(state.step),
                     static_cast<long long>(state.steps)) +
              rate_and_rest(state, now);
  line.resize(std::min(line.size(), columns_ - 1));
  err_ << "\r\033[K" << line << std::flush;
  on_screen_ = true;
}

void ProgressBar::show_in_log(const State& state, double now) {
  const bool stage_of_the_first_ends = state.first_image == 0 && state.step == state.steps;
  if (!stage_of_the_first_ends && now - last_line_ < kSecondsBetweenLines) return;
  err_ << images_text(state) << state.stage << " " << state.step << "/" << state.steps
       << rate_and_rest(state, now) << std::endl;
  last_line_ = now;
}

void ProgressBar::clear() {
  if (on_screen_) err_ << "\r\033[K" << std::flush;
  on_screen_ = false;
}

}  // namespace unclip::cli
