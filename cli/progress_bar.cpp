#include "cli/progress_bar.h"

#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstdio>
#include <ostream>

#include "cli/format.h"

namespace unclip::cli {
namespace {

constexpr double kSecondsBetweenLines = 30;

std::string bar(int64_t step, int64_t steps, int width) {
  const std::string full(static_cast<size_t>(width * step / std::max<int64_t>(steps, 1)), '=');
  return format("[%-*s]", width, full.c_str());
}

/// Images are counted from 1 here, for people.
std::string images_text(const ProgressBar::State& state) {
  if (state.total_images == 1) return "";
  const auto first = static_cast<long long>(state.first_image + 1);
  const auto last = static_cast<long long>(state.first_image + state.images);
  auto text =
      state.images == 1 ? format("image %lld", first) : format("images %lld to %lld", first, last);
  if (state.total_images > 0) {
    text += format(" of %lld", static_cast<long long>(state.total_images));
  }
  return text + "  ";
}

/// The lines that show the same, from the longest to the shortest: first the bar goes, then the
/// rate, then the count of images.
std::vector<std::string> lines_of(const std::string& images, const std::string& stage,
                                  const std::string& count, const std::string& rate,
                                  const std::string& left, const ProgressBar::State& state) {
  const auto padded = format("%-16s ", stage.c_str());
  std::vector<std::string> lines;
  for (const int width : {20, 10}) {
    lines.push_back(images + padded + bar(state.step, state.steps, width) + " " + count + rate +
                    left);
  }
  lines.push_back(images + stage + " " + count + rate + left);
  lines.push_back(images + stage + " " + count + left);
  lines.push_back(stage + " " + count + left);
  lines.push_back(stage + " " + count);
  return lines;
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
      colours_(streams.err_colours),
      clock_(std::move(clock)),
      last_line_(clock_()) {}

void ProgressBar::show(const State& state) {
  const double now = clock_();
  note_times(state, now);
  if (columns_ > 0) {
    show_in_terminal(state, now);
  } else {
    show_in_log(state, now);
  }
  last_ = state;
  last_time_ = now;
}

void ProgressBar::note_times(const State& state, double now) {
  const bool new_batch = !shown_ || state.first_image != last_.first_image;
  if (!new_batch && state.stage == last_.stage) return;
  if (shown_) seconds_[last_.stage] = now - stage_start_;
  if (std::find(stages_.begin(), stages_.end(), state.stage) == stages_.end()) {
    stages_.push_back(state.stage);
  }
  if (!shown_) run_start_ = now;
  if (new_batch) {
    if (shown_ && columns_ == 0) log_batch();
    batch_start_ = now;
    batch_logged_ = false;
  }
  shown_ = true;
  first_step_ = state.step;
  stage_start_ = now;
}

double ProgressBar::stage_left(const State& state, double now) const {
  const auto steps = static_cast<double>(state.step - first_step_);
  if (steps <= 0 || now <= stage_start_) return -1;
  return static_cast<double>(state.steps - state.step) * (now - stage_start_) / steps;
}

double ProgressBar::run_left(const State& state, double now) const {
  // Batches differ in their prompts only, so the later stages take as long as in the last batch.
  const double stage = stage_left(state, now);
  if (stage < 0 || state.first_image == 0 || state.total_images <= 0) return -1;
  double left = stage;
  const auto at = std::find(stages_.begin(), stages_.end(), state.stage);
  for (auto later = at + 1; later < stages_.end(); ++later) left += seconds_.at(*later);
  const auto images = static_cast<double>(state.total_images - state.first_image - state.images);
  return left + images * (batch_start_ - run_start_) / static_cast<double>(state.first_image);
}

ProgressBar::Parts ProgressBar::parts_of(const State& state, double now) const {
  Parts parts{.images = images_text(state),
              .stage = state.stage,
              .count = format("%lld/%lld", static_cast<long long>(state.step),
                              static_cast<long long>(state.steps)),
              .rate = "",
              .left = ""};
  const double stage = stage_left(state, now), run = run_left(state, now);
  if (stage < 0) return parts;
  const double rate = static_cast<double>(state.step - first_step_) / (now - stage_start_);
  parts.rate = "  " + rate_text(rate, state.unit);
  if (state.step < state.steps) parts.left = "  " + time_text(stage) + " left";
  if (run >= 0) {
    parts.left = parts.left.empty() ? "  " : "  " + time_text(stage) + ", ";
    parts.left += time_text(run) + " left in all";
  }
  return parts;
}

void ProgressBar::show_in_terminal(const State& state, double now) {
  const auto parts = parts_of(state, now);
  const auto lines =
      lines_of(parts.images, parts.stage, parts.count, parts.rate, parts.left, state);
  auto line = lines.back();
  for (const auto& fuller : lines) {
    if (fuller.size() < columns_) {
      line = fuller;
      break;
    }
  }
  line.resize(std::min(line.size(), columns_ - 1));
  if (colours_) {
    if (const auto at = line.find(parts.stage); at != line.npos) {
      line.insert(at + parts.stage.size(), "\033[0m").insert(at, "\033[1;36m");
    }
    if (const auto at = line.find(" ["), end = line.find(']', at); end != line.npos) {
      line.insert(end, "\033[0m").insert(at + 2, "\033[32m");
    }
  }
  err_ << "\r\033[K" << line << std::flush;
  on_screen_ = true;
}

void ProgressBar::show_in_log(const State& state, double now) {
  const bool ends_stage_of_the_first = state.first_image == 0 && state.step == state.steps;
  if (!ends_stage_of_the_first && now - last_line_ < kSecondsBetweenLines) return;
  const auto parts = parts_of(state, now);
  err_ << parts.images << parts.stage << " " << parts.count << parts.rate << parts.left
       << std::endl;
  last_line_ = now;
}

/// "image 3 of 10  4.1 s  0:29 left": of the batch that has ended.
void ProgressBar::log_batch() {
  if (batch_logged_ || last_.total_images == 1) return;
  batch_logged_ = true;
  const double now = clock_();
  err_ << images_text(last_) << format("%.1f s", now - batch_start_);
  const auto done = static_cast<double>(last_.first_image + last_.images);
  const auto images = static_cast<double>(last_.total_images) - done;
  if (images > 0) err_ << "  " << time_text(images * (now - run_start_) / done) << " left";
  err_ << std::endl;
  last_line_ = now;
}

void ProgressBar::clear() {
  if (on_screen_) err_ << "\r\033[K" << std::flush;
  on_screen_ = false;
  // An image of the batch is there as soon as its last stage is done.
  const bool ended = shown_ && last_.step == last_.steps && last_.stage == stages_.back();
  if (columns_ == 0 && ended) log_batch();
}

}  // namespace unclip::cli
