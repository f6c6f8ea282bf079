#include "cli/search_answers.h"

#include <algorithm>
#include <cstdio>
#include <nlohmann/json.hpp>
#include <ostream>

#include "base/csv.h"
#include "base/error.h"
#include "base/json_text.h"
#include "cli/gallery.h"
#include "cli/overview.h"
#include "image/png.h"
#include "image/read_picture.h"
#include "image/resize_8bit.h"
#include "kernels/tensor.h"

namespace unclip::cli {
namespace {

namespace fs = std::filesystem;

constexpr int64_t kLongestSide = 256;  // of an image on a sheet
constexpr size_t kMostCopyNames = 3;   // on a line for people

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

/// "  (2 copies: b.png, c.png)"
std::string copies_text(const std::vector<std::string>& copies) {
  if (copies.empty()) return "";
  auto text = "  (" + std::to_string(copies.size()) + (copies.size() == 1 ? " copy" : " copies");
  for (size_t i = 0; i < std::min(copies.size(), kMostCopyNames); ++i) {
    text.append(i == 0 ? ": " : ", ").append(copies[i]);
  }
  return text + (copies.size() > kMostCopyNames ? ", ...)" : ")");
}

/// Control characters, which could steer a terminal, become spaces.
std::string on_one_line(std::string text) {
  for (size_t i = 0; i < text.size(); ++i) {
    const auto byte = static_cast<unsigned char>(text[i]);
    const bool c1 =
        byte == 0xC2 && i + 1 < text.size() && static_cast<unsigned char>(text[i + 1]) < 0xA0;
    if (c1) text[i++] = ' ';
    if (byte < 0x20 || byte == 0x7F || c1) text[i] = ' ';
  }
  return text;
}

/// An indented line with what is known; empty if that is nothing.
std::string provenance_line(const Provenance& provenance) {
  auto text = on_one_line(provenance.prompt);
  const auto add = [&](const std::string& more) {
    if (!more.empty()) text.append(text.empty() ? "" : ", ").append(more);
  };
  if (!text.empty()) text = "\"" + text + "\"";
  if (provenance.seed) add("seed " + std::to_string(*provenance.seed));
  add(on_one_line(provenance.model));
  return text.empty() ? "" : "           " + text + "\n";
}

/// The image, its longer side kLongestSide at most. (3, H, W)
at::Tensor thumbnail(const at::Tensor& picture) {
  const auto height = picture.size(1), width = picture.size(2);
  const auto longest = std::max(height, width);
  if (longest <= kLongestSide) return picture;
  const auto scaled = [&](int64_t side) {
    return std::max<int64_t>(1, (side * kLongestSide + longest / 2) / longest);
  };
  return resize_bicubic_8bit(picture, scaled(height), scaled(width));
}

/// Grey if the image cannot be read any more, which is reported on `err`.
at::Tensor readable(const fs::path& path, std::ostream& err) {
  try {
    return thumbnail(read_picture(path));
  } catch (const Error& error) {
    err << "unclip: " << error.what() << std::endl;
    return ops::full({3, kLongestSide / 4, kLongestSide / 4}, 128, at::kByte);
  }
}

/// The answers row by row; shorter ones are filled up with empty cells.
std::vector<SheetPicture> cells_of(const std::vector<Answer>& answers, size_t columns,
                                   std::ostream& err) {
  std::vector<SheetPicture> cells;
  for (const auto& [query, hits] : answers) {
    for (const auto& hit : hits) {
      cells.push_back({.image = readable(hit.path, err),
                       .text = fs::path(hit.path).filename().string(),
                       .note = shown(hit.cosine, "%.3f")});
    }
    for (size_t i = hits.size(); i < columns; ++i) {
      cells.push_back({.image = ops::full({3, 1, 1}, 255, at::kByte), .text = "", .note = ""});
    }
  }
  return cells;
}

}  // namespace

std::string as_csv(const std::vector<Answer>& answers) {
  std::string text = "query,picture,cosine,copies,prompt,seed,model\n";
  for (const auto& [query, hits] : answers) {
    for (const auto& hit : hits) {
      text.append(csv_field(query.name)).append(",").append(csv_field(hit.path)).append(",");
      text.append(csv_number(hit.cosine)).append(",").append(std::to_string(hit.copies.size()));
      for (const auto& key : provenance_keys()) {
        text.append(",").append(csv_field(provenance_text(hit.provenance, key)));
      }
      text.append("\n");
    }
  }
  return text;
}

std::string as_json(const std::vector<Answer>& answers) {
  std::string text;
  for (const auto& [query, hits] : answers) {
    auto pictures = nlohmann::ordered_json::array();
    for (const auto& hit : hits) {
      nlohmann::ordered_json picture = {{"picture", hit.path}, {"cosine", hit.cosine}};
      if (!hit.copies.empty()) picture["copies"] = hit.copies;
      const auto& [prompt, seed, model] = hit.provenance;
      if (!prompt.empty()) picture["prompt"] = prompt;
      if (seed) picture["seed"] = *seed;
      if (!model.empty()) picture["model"] = model;
      pictures.push_back(std::move(picture));
    }
    const nlohmann::ordered_json line = {
        {"query", query.name}, {"kind", kind_name(query.kind)}, {"pictures", pictures}};
    text += json_text(line) + "\n";
  }
  return text;
}

std::string as_text(const std::vector<Answer>& answers) {
  std::string text;
  for (const auto& [query, hits] : answers) {
    if (answers.size() > 1) text.append(query.name).append("\n");
    for (const auto& hit : hits) {
      text.append(shown(hit.cosine, "  %7.4f  ")).append(hit.path);
      text.append(copies_text(hit.copies)).append("\n").append(provenance_line(hit.provenance));
    }
  }
  return text;
}

std::string as_lines(const std::vector<Answer>& answers, const std::string& key,
                     std::ostream* err) {
  std::string text, first_without;
  int64_t all = 0, without = 0;
  for (const auto& answer : answers) {
    for (const auto& hit : answer.hits) {
      ++all;
      const auto value =
          key == "path" ? hit.path : on_one_line(provenance_text(hit.provenance, key));
      if (!value.empty()) {
        text.append(value).append("\n");
      } else if (++without == 1) {
        first_without = hit.path;
      }
    }
  }
  if (text.empty()) fail("none of the ", all, " images found has a ", key, " in its metadata");
  if (without > 0 && err != nullptr) {
    *err << "unclip: " << without << " of the " << all << " images found "
         << (without == 1 ? "has" : "have") << " no " << key << ", the first " << first_without
         << std::endl;
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
