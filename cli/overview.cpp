#include "cli/overview.h"

#include <nlohmann/json.hpp>
#include <ostream>

#include "cli/output_name.h"
#include "core/error.h"
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

}  // namespace

Flags overview_flags() {
  return {
      {"contact-sheet", 0, "FILE", "", "write all pictures on one sheet, with labels, as PNG too",
       "Output"},
      {"columns", 0, "N", "",
       "of the sheet (default: a row for each prompt, or as many as there are rows)", "Output"}};
}

Overview::Overview(const Arguments& arguments)
    : sheet_(file_output(arguments, "contact-sheet", ".png")),
      columns_(arguments.integer_if_given("columns", 1, kMostColumns).value_or(0)) {
  expect_with(arguments, "columns", "contact-sheet");
  if (arguments.given("count")) row_ = arguments.integer("count", 1, INT64_MAX);
}

void Overview::prepare(int64_t pictures, int64_t height, int64_t width) {
  if (sheet_.empty()) return;
  const bool has_rows = row_ > 1 && row_ <= kMostInARow && row_ < pictures;
  if (columns_ == 0 && has_rows) columns_ = row_;
  const auto size = contact_sheet_size(pictures, height, width, {.columns = columns_});
  if (std::max(size.height, size.width) > kPngLimits.side ||
      size.height * size.width > kPngLimits.pixels) {
    fail(sheet_, ": a sheet of ", pictures, " pictures would have ", size.width, " x ", size.height,
         " pixels; at most ", kPngLimits.side, " a side and ", kPngLimits.pixels,
         " in all are written");
  }
  expect_writable(sheet_);
}

void Overview::add(const GeneratedImage& image, const fs::path& file, const std::string& from) {
  if (sheet_.empty()) return;
  std::error_code ignored;
  taken_ = taken_ || fs::equivalent(file, sheet_, ignored);
  pictures_.push_back({.image = to_uint8(image.image),
                       .text = from.empty() ? image.prompt : fs::path(from).filename().string(),
                       .note = "seed " + std::to_string(image.seed)});
}

void Overview::finish(const Streams& streams, WriteMode mode, bool json) const {
  if (sheet_.empty() || pictures_.empty()) return;
  const auto sheet = contact_sheet(pictures_, {.columns = columns_});
  const auto path = write_png(sheet_, sheet, {}, taken_ ? WriteMode::kNextFreeName : mode);
  if (json) {
    const nlohmann::ordered_json object = {{"contact_sheet", path.string()},
                                           {"pictures", pictures_.size()},
                                           {"width", sheet.size(2)},
                                           {"height", sheet.size(1)}};
    streams.out << object.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace) << "\n";
  } else {
    streams.out << path.string() << "\n";
  }
}

}  // namespace unclip::cli
