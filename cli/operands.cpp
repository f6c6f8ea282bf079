#include "cli/operands.h"

#include <algorithm>
#include <cstdio>
#include <filesystem>
#include <sstream>

#include "base/error.h"
#include "cli/embedding_files.h"
#include "cli/image_inputs.h"
#include "cli/prompts.h"
#include "image/image_format.h"
#include "image/read_picture.h"
#include "kernels/tensor.h"
#include "nn/noise_source.h"
#include "search/find_pictures.h"

namespace unclip::cli {
namespace {

namespace fs = std::filesystem;

bool is_picture(const std::string& word) {
  return is_picture_name(word) || begins_as_picture(word);
}

std::vector<Point> points_of_file(const Operand& operand, Engine& model, bool force) {
  const auto& name = operand.word;
  std::istringstream in(operand.bytes);  // which is read if the word is "-"
  const auto file = read_image_embeddings(name, in, model, force);
  std::vector<Point> points;
  for (int64_t i = 0; i < file.rows(); ++i) {
    Point point{.label = name, .z = file.image_embedding[i], .picture = {}, .start = {}};
    if (file.rows() > 1) point.label.append(" ").append(std::to_string(i));
    if (file.start.x_T.defined()) {
      point.start = {.x_T = file.start.x_T.narrow(0, i, 1), .walk = file.start.walk};
    }
    points.push_back(std::move(point));
  }
  return points;
}

/// (N, D), of the operands that are texts
at::Tensor embeddings_of_texts(const std::vector<Operand>& operands, Engine& model,
                               GenerateOptions options) {
  std::vector<std::string> texts;
  for (const auto& operand : operands) {
    if (operand.kind == Operand::Kind::kText) texts.push_back(operand.word);
  }
  if (texts.empty()) return {};
  options.count = 1;
  options.on_watch = {};  // they are no pictures of the run
  return model.prior(texts, options).image_embedding;
}

/// x_T (N, C, h, w) of the points at `indices`, which are pictures.
at::Tensor inversions_of(const std::vector<Point>& points, const std::vector<size_t>& indices,
                         Engine& model, const GenerateOptions& options) {
  Embeddings rows;
  rows.origins.resize(indices.size());
  std::vector<at::Tensor> z, pictures;
  for (const auto i : indices) {
    z.push_back(points[i].z);
    pictures.push_back(points[i].picture);
  }
  rows.image_embedding = ops::stack(z);
  return model
      .invert(
          rows, pictures,
          {.steps =
               model.plan(options).stage(model.model().layout().decoder_stage().name).walk.steps,
           .batch_size = options.batch_size,
           .height = options.height,
           .width = options.width,
           .on_progress = options.on_progress})
      .x_T;
}

}  // namespace

Operand operand_of(const std::string& word, std::istream& in) {
  std::error_code ignored;
  if (word == "-") {
    auto bytes = read_standard_input(in);
    const bool image = format_of_bytes(bytes).has_value();
    return {image ? Operand::Kind::kPicture : Operand::Kind::kEmbeddings, word, std::move(bytes)};
  }
  if (fs::exists(word, ignored)) {
    return {is_picture(word) ? Operand::Kind::kPicture : Operand::Kind::kEmbeddings, word};
  }
  if (is_picture(word) || is_embedding_name(word)) {
    fail(word, ": no such file; expected an image, an embedding file or a text");
  }
  expect_utf8(std::string("'").append(word).append("'"), word);
  return {Operand::Kind::kText, word};
}

std::vector<Operand> operands_of(const std::vector<std::string>& words, std::istream& in) {
  if (std::count(words.begin(), words.end(), "-") > 1) {
    throw UsageError("-: standard input can be read once, and is named more often");
  }
  std::vector<Operand> operands;
  for (const auto& word : words) operands.push_back(operand_of(word, in));
  return operands;
}

Needs needs_of(const std::vector<Operand>& operands) {
  Needs needs{.decoder = true};
  for (const auto& operand : operands) {
    needs.prior = needs.prior || operand.kind == Operand::Kind::kText;
    needs.image_encoder = needs.image_encoder || operand.kind == Operand::Kind::kPicture;
  }
  return needs;
}

Flags operand_flags() {
  return {{"prompt", 0, "TEXT", "", "text that the decoder gets with the embedding (default: none)",
           "Image"},
          {"force", 0, "", "", "take another model's embeddings if the widths agree", "Input",
           false, true}};
}

std::vector<Point> read_points(const std::vector<Operand>& operands, Engine& model,
                               const GenerateOptions& options, bool force) {
  std::vector<Point> points;
  int64_t next_text = 0;
  at::Tensor texts;
  for (const auto& operand : operands) {
    switch (operand.kind) {
      case Operand::Kind::kPicture: {
        const auto picture = operand.word == "-" ? decode_picture(operand.bytes, "standard input")
                                                 : read_picture(operand.word);
        const auto z = model.encode_images({picture})[0];
        points.push_back({.label = operand.word, .z = z, .picture = picture, .start = {}});
        break;
      }
      case Operand::Kind::kEmbeddings: {
        const auto rows = points_of_file(operand, model, force);
        points.insert(points.end(), rows.begin(), rows.end());
        break;
      }
      case Operand::Kind::kText:
        if (!texts.defined()) texts = embeddings_of_texts(operands, model, options);
        points.push_back(
            {.label = operand.word, .z = texts[next_text++], .picture = {}, .start = {}});
        break;
    }
  }
  return points;
}

at::Tensor starts_of(const std::vector<Point>& points, Engine& model,
                     const GenerateOptions& options) {
  const auto sizes = model.noise_sizes(options);
  std::vector<at::Tensor> starts(points.size());
  std::vector<size_t> pictures;
  for (size_t i = 0; i < points.size(); ++i) {
    if (points[i].start.x_T.defined()) {
      expect_noise_of(model, points[i].start.x_T, points[i].label, options);
      starts[i] = points[i].start.x_T[0];
    } else if (points[i].picture.defined()) {
      pictures.push_back(i);
    } else {
      starts[i] = NoiseSource({(options.seed + i) & INT64_MAX}).draw(sizes)[0];
    }
  }
  if (!pictures.empty()) {
    const auto found = inversions_of(points, pictures, model, options).unbind();
    for (size_t k = 0; k < pictures.size(); ++k) starts[pictures[k]] = found[k];
  }
  return ops::stack(starts);
}

std::string two_digits(double value) {
  char text[32];
  std::snprintf(text, sizeof text, "%.2f", value);
  return text;
}

Origin origin_of(const Arguments& arguments, const GenerateOptions& options) {
  Origin origin{.seed = options.seed};
  if (arguments.given("prompt")) origin.prompt = arguments.text("prompt");
  return origin;
}

}  // namespace unclip::cli
