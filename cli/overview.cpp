#include "cli/overview.h"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <ostream>

#include "base/error.h"
#include "base/json_text.h"
#include "cli/output_name.h"
#include "cli/sampling.h"
#include "image/gif.h"
#include "image/png.h"

namespace unclip::cli {
namespace {

namespace fs = std::filesystem;

constexpr int64_t kMostColumns = 1024;
constexpr int64_t kMostInARow = 16;  // pictures of one prompt that stand side by side

/// The value of a flag that names a file of one kind; empty: it is not given.
std::string file_output(const Arguments& arguments, const std::string& flag,
                        const std::string& extension) {
  const auto name = arguments.text(flag);
  if (arguments.given(flag) && fs::path(name).extension() != extension) {
    arguments.refuse(flag, "a name that ends in " + extension);
  }
  return name;
}

void expect_with(const Arguments& arguments, const std::string& flag, const std::string& other) {
  if (arguments.given(flag) && !arguments.given(other)) {
    throw UsageError("--" + flag + " needs --" + other);
  }
}

double seconds_of(const Arguments& arguments) {
  const auto seconds = arguments.number_if_given("seconds").value_or(GifOptions().seconds);
  if (seconds < kLeastGifSeconds || seconds > kMostGifSeconds) {
    arguments.refuse("seconds", "a number from 0.02 to 655.35");
  }
  return seconds;
}

/// The file's name; with `json` an object of it and `more`.
void print_name(std::ostream& names, bool json, const char* what, const fs::path& path,
                const nlohmann::ordered_json& more) {
  if (json) {
    nlohmann::ordered_json object = {{what, path.string()}};
    object.update(more);
    names << json_text(object);
  } else {
    names << path.string();
  }
  names << std::endl;
}

}  // namespace

Flags sheet_flags(const std::string& what, const std::string& otherwise) {
  return {{"contact-sheet", 0, "FILE", "", "also write " + what + " on one labelled sheet, a PNG",
           "Output"},
          {"columns", 0, "N", "", "columns of the sheet (default: " + otherwise + ")", "Output",
           false, true}};
}

std::string sheet_name(const Arguments& arguments) {
  return file_output(arguments, "contact-sheet", ".png");
}

int64_t sheet_columns(const Arguments& arguments) {
  expect_with(arguments, "columns", "contact-sheet");
  return arguments.integer_if_given("columns", 1, kMostColumns).value_or(0);
}

void expect_sheet_size(const fs::path& file, int64_t pictures, int64_t height, int64_t width,
                       const SheetOptions& options) {
  const auto size = contact_sheet_size(pictures, height, width, options);
  if (std::max(size.height, size.width) > kPngLimits.side ||
      size.height * size.width > kPngLimits.pixels) {
    fail(file, ": a sheet of ", pictures, " pictures would have ", size.width, " x ", size.height,
         " pixels; at most ", kPngLimits.side, " a side and ", kPngLimits.pixels,
         " in all are written");
  }
}

void expect_sheet(const fs::path& file, int64_t pictures, int64_t height, int64_t width,
                  const SheetOptions& options, WriteMode mode) {
  expect_sheet_size(file, pictures, height, width, options);
  expect_writable(file, mode);
}

Flags overview_flags() {
  return joined(
      {sheet_flags("all images", "a row for each prompt, else about as many as rows"),
       {{"animate", 0, "FILE", "", "also write all images as an animation, a GIF", "Output", false,
         true},
        {"seconds", 0, "S", "", "seconds that the animation shows each image (default: 0.25)",
         "Output", false, true}}});
}

Overview::Overview(const Arguments& arguments)
    : sheet_(sheet_name(arguments)),
      animation_(file_output(arguments, "animate", ".gif")),
      columns_(sheet_columns(arguments)),
      row_(arguments.given("count") ? arguments.integer("count", 1, kMostImages) : 0),
      seconds_(seconds_of(arguments)) {
  expect_with(arguments, "seconds", "animate");
}

void Overview::prepare(int64_t pictures, int64_t height, int64_t width, WriteMode mode) {
  if (pictures == 0) return;  // how many they will be is not known yet
  if (!sheet_.empty()) prepare_sheet(pictures, height, width, mode);
  if (!animation_.empty()) prepare_animation(pictures, height, width, mode);
}

void Overview::prepare_sheet(int64_t pictures, int64_t height, int64_t width, WriteMode mode) {
  const bool has_rows = row_ > 1 && row_ <= kMostInARow && row_ < pictures;
  if (columns_ == 0 && has_rows) columns_ = row_;
  expect_sheet(sheet_, pictures, height, width, {.columns = columns_}, mode);
}

void Overview::prepare_animation(int64_t pictures, int64_t height, int64_t width,
                                 WriteMode mode) const {
  const auto most = kGifLimits.pixels / (height * width);
  if (pictures > most || std::max(height, width) > kGifLimits.side) {
    fail(animation_, ": an animation would have ", pictures, " pictures of ", width, " x ", height,
         " pixels; at most ", most, " are written");
  }
  expect_writable(animation_, mode);
}

void Overview::add(const GeneratedImage& image, const fs::path& file, const std::string& from) {
  if (!wanted()) return;
  std::error_code ignored;
  taken_ = taken_ || fs::equivalent(file, sheet_, ignored);
  pictures_.push_back({.image = to_uint8(image.image),
                       .text = from.empty() ? image.prompt : fs::path(from).filename().string(),
                       .note = "seed " + std::to_string(image.seed)});
}

void Overview::finish(std::ostream& names, WriteMode mode, bool json) const {
  if (pictures_.empty()) return;
  if (!sheet_.empty()) finish_sheet(names, mode, json);
  if (!animation_.empty()) finish_animation(names, mode, json);
}

void Overview::finish_sheet(std::ostream& names, WriteMode mode, bool json) const {
  const auto sheet = contact_sheet(pictures_, {.columns = columns_});
  const auto path = write_png(sheet_, sheet, {}, taken_ ? WriteMode::kNextFreeName : mode);
  print_name(names, json, "contact_sheet", path,
             {{"pictures", pictures_.size()}, {"width", sheet.size(2)}, {"height", sheet.size(1)}});
}

void Overview::finish_animation(std::ostream& names, WriteMode mode, bool json) const {
  std::vector<at::Tensor> frames;
  for (const auto& picture : pictures_) frames.push_back(picture.image);
  const auto path = write_gif(animation_, frames, {.seconds = seconds_}, mode);
  print_name(names, json, "animation", path,
             {{"pictures", frames.size()},
              {"width", frames.front().size(2)},
              {"height", frames.front().size(1)},
              {"seconds", seconds_}});
}

}  // namespace unclip::cli
