#include "cli/download_bar.h"

#include <algorithm>
#include <chrono>
#include <ostream>
#include <vector>

#include "cli/format.h"
#include "cli/progress_bar.h"
#include "cli/text_table.h"

namespace unclip::cli {
namespace {

constexpr double kSecondsBetweenLogLines = 30;
constexpr double kSecondsOfRate = 10;

std::string bytes_text(uint64_t bytes) { return with_unit(static_cast<double>(bytes), "B"); }

}  // namespace

double DownloadBar::steady_clock_seconds() {
  const auto now = std::chrono::steady_clock::now().time_since_epoch();
  return std::chrono::duration<double>(now).count();
}

DownloadBar::DownloadBar(std::string name, const Streams& streams, Clock clock)
    : name_(std::move(name)),
      err_(streams.err),
      columns_(static_cast<size_t>(streams.err_columns)),
      colours_(streams.err_colours),
      clock_(std::move(clock)),
      last_line_(clock_()) {}

double DownloadBar::rate(uint64_t received, double now) {
  received_.emplace_back(now, received);
  while (received_.size() > 2 && received_.front().first < now - kSecondsOfRate) {
    received_.pop_front();
  }
  const auto& [then, before] = received_.front();
  // A later download has counters of its own.
  if (received < before) received_.erase(received_.begin(), received_.end() - 1);
  if (now <= then || received < before) return 0;
  return static_cast<double>(received - before) / (now - then);
}

void DownloadBar::show(const hub::PullProgress& progress) {
  const double now = clock_();
  const double per_second = rate(progress.received, now);
  const auto count = format("%lld/%lld files  ", static_cast<long long>(progress.files_done),
                            static_cast<long long>(progress.files)) +
                     bytes_text(progress.bytes_done) + " of " + bytes_text(progress.bytes);
  std::string speed, left;
  if (per_second > 0) {
    speed = "  " + with_unit(per_second, "B/s");
    const auto missing = static_cast<double>(progress.bytes - progress.bytes_done);
    if (missing > 0) left = "  " + time_text(missing / per_second) + " left";
  }
  if (columns_ > 0) {
    const double share = progress.bytes == 0 ? 1
                                             : static_cast<double>(progress.bytes_done) /
                                                   static_cast<double>(progress.bytes);
    show_in_terminal(count, speed, left, share);
  } else if (now - last_line_ >= kSecondsBetweenLogLines) {
    err_ << name_ << "  " << count << speed << left << std::endl;
    last_line_ = now;
  }
}

void DownloadBar::show_in_terminal(const std::string& count, const std::string& rate,
                                   const std::string& left, double share) {
  std::vector<std::string> lines;  // from the longest to the shortest
  for (const int width : {20, 10}) {
    const std::string full(static_cast<size_t>(width * std::clamp(share, 0.0, 1.0)), '=');
    const auto bar = format("[%-*s]", width, full.c_str());
    lines.push_back(name_ + "  " + bar + " " + count + rate + left);
  }
  lines.push_back(name_ + "  " + count + rate + left);
  lines.push_back(count + rate + left);
  lines.push_back(count + left);
  lines.push_back(count);
  const auto fits = [&](const std::string& line) { return line.size() < columns_; };
  const auto it = std::find_if(lines.begin(), lines.end(), fits);
  auto line = it == lines.end() ? lines.back() : *it;
  line.resize(std::min(line.size(), columns_ - 1));
  if (colours_) {
    const auto at = line.find(" ["), end = line.find(']', at);
    if (at != line.npos && end != line.npos) line.insert(end, "\033[0m").insert(at + 2, "\033[32m");
    if (line.starts_with(name_)) line.insert(name_.size(), "\033[0m").insert(0, "\033[1;36m");
  }
  err_ << "\r\033[K" << line << std::flush;
  on_screen_ = true;
}

void DownloadBar::clear() {
  if (on_screen_) err_ << "\r\033[K" << std::flush;
  on_screen_ = false;
}

}  // namespace unclip::cli
