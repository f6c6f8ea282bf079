#include "cli/search_answers.h"

#include <ATen/ATen.h>

#include <algorithm>
#include <cstdio>
#include <nlohmann/json.hpp>
#include <ostream>

#include "cli/gallery.h"
#include "cli/overview.h"
#include "core/csv.h"
#include "core/error.h"
#include "image/png.h"
#include "image/read_picture.h"
#include "image/resize_8bit.h"

namespace unclip::cli {
namespace {

namespace fs = std::filesystem;

constexpr auto kReplace = nlohmann::json::error_handler_t::replace;
constexpr int64_t kLongestSide = 256;  // of a picture on a sheet

const char* kind_name(QueryKind kind) {
  switch (kind) {
    case QueryKind::kText:
      return "text";
    case QueryKind::kPicture:
      return "picture";
    default:
      return "embedding";
  }
}

std::string shown(double cosine, const char* format) {
  char text[32];
  std::snprintf(text, sizeof text, format, cosine);
  return text;
}

/// The picture, its longer side kLongestSide at most. (3, H, W)
at::Tensor thumbnail(const at::Tensor& picture) {
  const auto height = picture.size(1), width = picture.size(2);
  const auto longest = std::max(height, width);
  if (longest <= kLongestSide) return picture;
  const auto scaled = [&](int64_t side) {
    return std::max<int64_t>(1, (side * kLongestSide + longest / 2) / longest);
  };
  return resize_bicubic_8bit(picture, scaled(height), scaled(width));
}

/// Grey where the picture cannot be read any more, which `err` tells.
at::Tensor readable(const fs::path& path, std::ostream& err) {
  try {
    return thumbnail(read_picture(path));
  } catch (const Error& error) {
    err << "unclip: " << error.what() << std::endl;
    return at::full({3, kLongestSide / 4, kLongestSide / 4}, 128, at::kByte);
  }
}

/// The answers row by row, with empty cells where one is shorter than the longest.
std::vector<SheetPicture> cells_of(const std::vector<Answer>& answers, size_t columns,
                                   std::ostream& err) {
  std::vector<SheetPicture> cells;
  for (const auto& [query, hits] : answers) {
    for (const auto& [path, cosine] : hits) {
      cells.push_back({.image = readable(path, err),
                       .text = fs::path(path).filename().string(),
                       .note = shown(cosine, "%.3f")});
    }
    for (size_t i = hits.size(); i < columns; ++i) {
      cells.push_back({.image = at::full({3, 1, 1}, 255, at::kByte), .text = "", .note = ""});
    }
  }
  return cells;
}

}  // namespace

std::string as_csv(const std::vector<Answer>& answers) {
  std::string text = "query,picture,cosine\n";
  for (const auto& [query, hits] : answers) {
    for (const auto& [path, cosine] : hits) {
      text.append(csv_field(query.name)).append(",").append(csv_field(path)).append(",");
      text.append(csv_number(cosine)).append("\n");
    }
  }
  return text;
}

std::string as_json(const std::vector<Answer>& answers) {
  std::string text;
  for (const auto& [query, hits] : answers) {
    auto pictures = nlohmann::ordered_json::array();
    for (const auto& [path, cosine] : hits) {
      pictures.push_back({{"picture", path}, {"cosine", cosine}});
    }
    const nlohmann::ordered_json line = {
        {"query", query.name}, {"kind", kind_name(query.kind)}, {"pictures", pictures}};
    text += line.dump(-1, ' ', false, kReplace) + "\n";
  }
  return text;
}

std::string as_text(const std::vector<Answer>& answers) {
  std::string text;
  for (const auto& [query, hits] : answers) {
    if (answers.size() > 1) text.append(query.name).append("\n");
    for (const auto& [path, cosine] : hits) {
      text.append(shown(cosine, "  %7.4f  ")).append(path).append("\n");
    }
  }
  return text;
}

void write_answer_sheet(const std::vector<Answer>& answers, const fs::path& file, int64_t columns,
                        const Arguments& arguments, const Streams& streams) {
  size_t most = 0;
  for (const auto& answer : answers) most = std::max(most, answer.hits.size());
  SheetOptions options{.columns = columns};
  if (answers.size() > 1) {
    options.columns = static_cast<int64_t>(most);
    for (const auto& answer : answers) options.row_labels.push_back(answer.query.name);
  }
  expect_sheet(file, static_cast<int64_t>(most * answers.size()), kLongestSide, kLongestSide,
               options);
  const auto sheet = contact_sheet(cells_of(answers, most, streams.err), options);
  const auto path = write_png(file, sheet, {}, write_mode(arguments));
  if (!arguments.on("quiet")) streams.err << path.string() << std::endl;
}

}  // namespace unclip::cli
