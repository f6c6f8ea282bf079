#include "lab/watcher.h"

#include <algorithm>
#include <cstdio>

#include "base/csv.h"
#include "base/error.h"
#include "image/font.h"
#include "image/gif.h"
#include "image/png.h"
#include "image/text.h"
#include "kernels/tensor.h"
#include "weights/model_layout.h"

namespace unclip::lab {
namespace {

namespace fs = std::filesystem;

constexpr double kGifSeconds = 0.1;

/// The image of x (3, h, w) in about [-1, 1] -> uint8
at::Tensor picture_of(const at::Tensor& x) { return to_uint8((x.cpu() / 2 + 0.5).clamp(0, 1)); }

double rms(const at::Tensor& x) { return x.square().mean().sqrt().item<double>(); }

std::string digits(int64_t number, int64_t most) {
  const auto width = static_cast<int>(std::to_string(most).size());
  char text[32];
  std::snprintf(text, sizeof text, "%0*lld", width, static_cast<long long>(number));
  return text;
}

constexpr int64_t kFrameHeight = 256;
constexpr double kTextGrey = 64;

int64_t enlargement(int64_t height) { return (kFrameHeight + height - 1) / height; }

/// The frames, enlarged and labelled; if there are too many for a GIF, a selection that includes
/// the last one.
std::vector<at::Tensor> film(const std::vector<at::Tensor>& frames,
                             const std::vector<std::string>& labels) {
  const auto first = labelled_frame(frames[0], labels[0]);
  const auto most = std::max<int64_t>(1, kGifLimits.pixels / (first.size(1) * first.size(2)));
  const auto count = static_cast<int64_t>(frames.size());
  const auto every = (count + most - 1) / most;
  std::vector<at::Tensor> kept;
  for (int64_t i = (count - 1) % every; i < count; i += every) {
    const auto k = static_cast<size_t>(i);
    kept.push_back(labelled_frame(frames[k], labels[k]));
  }
  return kept;
}

/// The number of the step, counted from 0 as in `schedule show`.
int64_t number_of(const Progress& progress) { return progress.step - 1; }

}  // namespace

Watcher::Watcher(const fs::path& folder, bool overwrite) : folder_(folder) {
  std::error_code error;
  if (!fs::exists(folder_, error)) {
    const auto parent = fs::absolute(folder_).lexically_normal().parent_path();
    if (!fs::is_directory(folder_.has_filename() ? parent : parent.parent_path(), error)) {
      fail(folder_, ": cannot be made: there is no folder ", parent);
    }
  } else if (!fs::is_directory(folder_, error)) {
    fail(folder_, ": expected a folder, got a file");
  } else if (!overwrite && !fs::is_empty(folder_, error)) {
    fail(folder_, ": expected an empty folder, or --overwrite; it holds files");
  }
}

void Watcher::add(const WatchedStep& step) {
  const auto& p = step.progress;
  for (int64_t row = 0; row < p.images; ++row) {
    const auto folder = folder_of(step, row);
    if (!watched_.contains(p.first_image + row)) make_folder(folder);
    auto& watched = watched_[p.first_image + row];
    add_row(step, row, watched);
    if (step.x_t.dim() == 4) add_pictures(step, row, watched);
    if (p.step < p.steps) continue;
    write_file(folder / "steps.csv", watched.csv, WriteMode::kOverwrite);
    if (watched.frames.empty()) continue;
    write_gif(folder / (stage_key(p.stage) + ".gif"), film(watched.frames, watched.labels),
              {.seconds = kGifSeconds}, WriteMode::kOverwrite);
    watched.frames.clear();
    watched.labels.clear();
    if (p.last_stage) watched_.erase(p.first_image + row);
  }
}

void Watcher::make_folder(const fs::path& folder) const {
  std::error_code error;
  for (const auto& path : {folder_, folder}) {
    fs::create_directory(path, error);
    if (error) fail(path, ": cannot be made: ", error.message());
  }
  for (const auto& entry : fs::directory_iterator(folder, error)) {
    const auto name = entry.path().filename().string();
    const bool ours = name.ends_with("-x_t.png") || name.ends_with("-x_0.png") ||
                      name.ends_with(".gif") || name == "steps.csv";
    if (ours) fs::remove(entry.path(), error);
  }
}

fs::path Watcher::folder_of(const WatchedStep& step, int64_t row) const {
  const auto& p = step.progress;
  return folder_ / (digits(p.first_image + row, std::max<int64_t>(p.total_images - 1, 0)) + "-" +
                    std::to_string(step.seeds[static_cast<size_t>(row)]));
}

void Watcher::add_row(const WatchedStep& step, int64_t row, Watched& watched) {
  if (watched.csv.empty()) {
    watched.csv = csv_record(
        {"stage", "step", "timestep", "alpha_bar", "sigma", "x_t_rms", "x_0_rms", "guidance_rms"});
  }
  watched.csv += csv_record(
      {stage_key(step.progress.stage), std::to_string(number_of(step.progress)),
       number_text(step.level.timestep), number_text(step.level.alpha_bar),
       number_text(step.level.ratio()), csv_number(rms(step.x_t[row])),
       csv_number(rms(step.x_0[row])),
       step.guidance_rms.defined() ? csv_number(step.guidance_rms[row].item<double>()) : ""});
}

void Watcher::add_pictures(const WatchedStep& step, int64_t row, Watched& watched) {
  const auto& p = step.progress;
  const auto image = [&](const at::Tensor& x) {
    const auto one = x.narrow(0, row, 1);
    return picture_of((step.preview ? step.preview(one) : one)[0]);
  };
  const auto x_t = image(step.x_t), x_0 = image(step.x_0);
  const auto name = stage_key(p.stage) + "-" + digits(number_of(p), p.steps - 1);
  const auto folder = folder_of(step, row);
  write_png(folder / (name + "-x_t.png"), x_t, {}, WriteMode::kOverwrite);
  write_png(folder / (name + "-x_0.png"), x_0, {}, WriteMode::kOverwrite);
  watched.frames.push_back(ops::cat({x_t, x_0}, 2));
  char sigma[32];
  std::snprintf(sigma, sizeof sigma, "%.4g", step.level.ratio());
  watched.labels.push_back(stage_key(p.stage) + "  step " + digits(number_of(p), p.steps - 1) +
                           " of " + std::to_string(p.steps) + "  sigma " + sigma + "  x_t | x_0");
}

at::Tensor labelled_frame(const at::Tensor& frame, const std::string& label) {
  const auto times = enlargement(frame.size(1));
  const auto large = frame.repeat_interleave(times, 1).repeat_interleave(times, 2);
  const Font font(14);
  auto strip = ops::full({3, font.line_height() + 4, large.size(2)}, 255, at::kByte);
  const auto ink = draw_text(label, font, {.width = large.size(2) - 4});
  strip.narrow(1, 2, ink.size(0))
      .narrow(2, 2, ink.size(1))
      .copy_((255 - (255 - kTextGrey) * ink).round());
  return ops::cat({strip, large}, 1);
}

}  // namespace unclip::lab
