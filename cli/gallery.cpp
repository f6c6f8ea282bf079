#include "cli/gallery.h"

#include <algorithm>
#include <map>
#include <nlohmann/json.hpp>
#include <ostream>

#include "base/error.h"
#include "base/json_text.h"
#include "cli/device.h"
#include "cli/sampling.h"
#include "image/png.h"
#include "kernels/tensor.h"
#include "weights/model_info.h"
#include "weights/write_safetensors.h"

namespace unclip::cli {

namespace fs = std::filesystem;

namespace {

/// Whether --output names a folder, in which a file has the name that the verb chooses.
bool names_folder(const std::string& output) {
  std::error_code ignored;
  return output.empty() || output.ends_with('/') || fs::is_directory(output, ignored);
}

}  // namespace

std::string image_output(const Arguments& arguments, const Streams& streams) {
  const auto text = arguments.text("output");
  if (arguments.given("output") && text.empty()) {
    throw UsageError("--output: expected a name, got ''");
  }
  if (is_standard_output(text)) {
    expect_no_terminal(streams);
  } else if (!names_folder(text) && fs::path(text).has_extension()) {
    const auto format = format_of_name(text);
    if (!format || !is_written(*format)) {
      throw UsageError("--output: expected a name that ends in " + written_extensions() +
                       ", or a folder, got '" + text + "'");
    }
  }
  return text;
}

EncodeOptions encode_options(const Arguments& arguments) {
  EncodeOptions options;
  const auto output = arguments.text("output");
  if (!names_folder(output)) options.format = format_of_name(output).value_or(options.format);
  const auto quality = arguments.integer_if_given("quality", 1, 100);
  if (quality && options.format == ImageFormat::kPng) {
    throw UsageError("--quality: expected with a JPEG or WebP image, but --output is a PNG");
  }
  options.quality = static_cast<int>(quality.value_or(options.quality));
  return options;
}

Flag quality_flag() {
  return {"quality",
          0,
          "Q",
          "",
          "of a JPEG or WebP, which --output names by its extension: 1 to 100; a WebP of 100 loses "
          "nothing (default: " +
              std::to_string(EncodeOptions().quality) + ")",
          "Output"};
}

WriteMode write_mode(const Arguments& arguments) {
  return arguments.on("overwrite") ? WriteMode::kOverwrite : WriteMode::kNextFreeName;
}

Flags gallery_flags() {
  return joined(
      {{quality_flag()},
       overview_flags(),
       {{"save-tensors", 0, "FILE", "",
         "also write token_ids, text_embedding, image_embedding, image_small and image of "
         "all images as safetensors",
         "Output", false, true},
        no_preview_flag()}});
}

Recipe common_recipe(const Arguments& arguments, const Engine& engine,
                     const GenerateOptions& options) {
  const auto& model = engine.model();
  Recipe recipe;
  recipe.plan = engine.plan(options);
  recipe.width = recipe.plan.size.width;
  recipe.height = recipe.plan.size.height;
  recipe.negative_prompt = options.negative_prompt;
  recipe.dtype = dtype_name(chosen_dtype(arguments));
  recipe.device = arguments.text("device");
  recipe.scheduler = engine.scheduler_class();
  recipe.model_name = model.defaults().name;
  recipe.model_hash = model_hash(model);
  return recipe;
}

Recipe recipe_of(Recipe recipe, const GeneratedImage& image) {
  recipe.prompt = image.prompt;
  recipe.seed = image.seed;
  recipe.draws = image.draws;
  recipe.image_embedding = image.image_embedding;
  recipe.negative_image_embedding = image.negative_image_embedding;
  recipe.x_T = image.x_T;
  recipe.clip_similarity = image.clip_similarity;
  recipe.height = image.image.size(1);
  recipe.width = image.image.size(2);
  return recipe;
}

Recipe recipe_of(Recipe recipe, const GeneratedImage& image, const Plan& plan) {
  recipe.plan = plan;
  return recipe_of(std::move(recipe), image);
}

Gallery::Gallery(const Arguments& arguments, OutputName output, Recipe recipe,
                 const Streams& streams, ProgressBar& progress)
    : output_(std::move(output)),
      encode_(encode_options(arguments)),
      recipe_(std::move(recipe)),
      tensors_(arguments.text("save-tensors")),
      overview_(arguments),
      mode_(write_mode(arguments)),
      json_(arguments.on("json")),
      quiet_(arguments.on("quiet")),
      streams_(streams),
      progress_(progress),
      preview_(arguments, streams) {
  const bool lossless = encode_.format == ImageFormat::kPng ||
                        (encode_.format == ImageFormat::kWebp && encode_.quality == 100);
  if (!lossless) recipe_.quality = encode_.quality;
  output_.set_model(recipe_.model_name);
  if (tensors_ == "-") throw UsageError("--save-tensors: expected a file's name, got '-'");
}

std::ostream& Gallery::names() const {
  return output_.is_standard_output() ? streams_.err : streams_.out;
}

void Gallery::prepare(uint64_t first_seed, const OutputName::PromptOf& prompt_of) {
  if (std::max(recipe_.height, recipe_.width) > largest_side(encode_.format)) {
    fail("--output: expected images of at most ", largest_side(encode_.format),
         " rows and columns for ", format_name(encode_.format), ", but the model paints ",
         recipe_.width, " x ", recipe_.height);
  }
  output_.prepare(first_seed, mode_, prompt_of);
  overview_.prepare(output_.files(), recipe_.height, recipe_.width, mode_);
  if (!tensors_.empty()) expect_writable(tensors_, mode_);
}

fs::path Gallery::write(const GeneratedImage& image) const {
  const auto bytes = encode_image(image.image, metadata(recipe_), encode_);
  const auto path = output_.path(image.index, image.seed, image.prompt);
  if (!output_.is_standard_output()) {
    output_.make_folder_of(path);
    return write_file(path, bytes, mode_);
  }
  streams_.out << bytes << std::flush;
  if (!streams_.out) fail("standard output: cannot be written");
  return path;
}

void Gallery::add(GeneratedImage&& image, const std::string& from) {
  recipe_ = recipe_of(std::move(recipe_), image);
  const auto path = write(image);
  progress_.clear();
  report_cut(image);
  print_name(path, image);
  preview_.show(image.image);
  overview_.add(image, path, from);
  if (!tensors_.empty()) images_.push_back(std::move(image));
}

void Gallery::finish() const {
  if (!tensors_.empty()) save_tensors();
  progress_.clear();
  overview_.finish(names(), mode_, json_);
}

void Gallery::save_tensors() const {
  std::map<std::string, at::Tensor> tensors;
  const auto add = [&](const char* name, at::Tensor GeneratedImage::*member, at::ScalarType type) {
    if (images_.empty() || !(images_.front().*member).defined()) return;
    std::vector<at::Tensor> rows;
    for (const auto& image : images_) rows.push_back((image.*member).to(at::kCPU));
    tensors.emplace(name, ops::stack(rows).to(type));  // (B, ...)
  };
  add("token_ids", &GeneratedImage::token_ids, at::kLong);
  add("text_embedding", &GeneratedImage::text_embedding, at::kFloat);
  add("image_embedding", &GeneratedImage::image_embedding, at::kFloat);
  add("negative_image_embedding", &GeneratedImage::negative_image_embedding, at::kFloat);
  add("image_small", &GeneratedImage::image_small, at::kFloat);
  add("image", &GeneratedImage::image, at::kFloat);
  const auto bytes = safetensors_bytes(tensors_, tensors);
  write_file(tensors_, bytes, mode_);
}

void Gallery::report_cut(const GeneratedImage& image) const {
  if (image.cut.empty() || quiet_) return;
  streams_.err << "unclip: the prompt is longer than the model reads; left out: \"" << image.cut
               << "\"\n";
}

void Gallery::print_name(const fs::path& path, const GeneratedImage& image) const {
  if (output_.is_standard_output() && !json_) return;
  auto& out = names();
  if (json_) {
    nlohmann::ordered_json json = {{"path", path.string()},   {"prompt", image.prompt},
                                   {"seed", image.seed},      {"index", image.index},
                                   {"width", recipe_.width},  {"height", recipe_.height},
                                   {"seconds", image.seconds}};
    if (image.clip_similarity) json["clip_similarity"] = *image.clip_similarity;
    out << json_text(json);
  } else {
    out << path.string();
  }
  out << std::endl;
  if (!out) fail("standard output: cannot be written");
}

}  // namespace unclip::cli
