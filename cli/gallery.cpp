#include "cli/gallery.h"

#include <ATen/ATen.h>

#include <nlohmann/json.hpp>
#include <ostream>

#include "cli/device.h"
#include "cli/sampling.h"
#include "core/error.h"
#include "image/png.h"
#include "weights/model_info.h"
#include "weights/write_safetensors.h"

namespace unclip::cli {

namespace fs = std::filesystem;

namespace {

void set(Recipe& recipe, const Settings& settings) {
  recipe.prior_walk = settings.prior_walk;
  recipe.decoder_walk = settings.decoder_walk;
  recipe.super_res_walk = settings.super_res_walk;
  recipe.prior_guidance = settings.prior_guidance;
  recipe.decoder_guidance = settings.decoder_guidance;
}

}  // namespace

std::string picture_output(const Arguments& arguments) {
  const auto text = arguments.text("output");
  if (arguments.given("output") && text.empty()) arguments.refuse("output", "a name");
  for (const auto* other : {".jpg", ".jpeg", ".webp", ".gif", ".bmp", ".tif", ".tiff"}) {
    if (fs::path(text).extension() == other) arguments.refuse("output", "a name that ends in .png");
  }
  return text;
}

WriteMode write_mode(const Arguments& arguments) {
  return arguments.on("overwrite") ? WriteMode::kOverwrite : WriteMode::kNextFreeName;
}

Flags gallery_flags() {
  return joined({overview_flags(),
                 {{"save-tensors", 0, "FILE", "",
                   "write token_ids, text_embedding, image_embedding, image_small and image of all "
                   "pictures as safetensors too",
                   "Output"}}});
}

Recipe common_recipe(const Arguments& arguments, const ModelDir& model,
                     const GenerateOptions& options) {
  Recipe recipe;
  recipe.width = recipe.height = model.config("super_res_first").require<int64_t>("sample_size");
  set(recipe, settings_of(options, model.defaults()));
  recipe.negative_prompt = options.negative_prompt;
  recipe.dtype = dtype_name(chosen_dtype(arguments));
  recipe.device = arguments.text("device");
  recipe.scheduler = model.config("decoder_scheduler").require<std::string>("_class_name");
  recipe.model_name = model.defaults().name;
  recipe.model_hash = model_hash(model);
  return recipe;
}

Recipe recipe_of(Recipe recipe, const GeneratedImage& image) {
  recipe.prompt = image.prompt;
  recipe.seed = image.seed;
  recipe.draws = image.draws;
  recipe.image_embedding = image.image_embedding;
  recipe.x_T = image.x_T;
  recipe.clip_similarity = image.clip_similarity;
  recipe.height = image.image.size(1);
  recipe.width = image.image.size(2);
  return recipe;
}

Recipe recipe_of(Recipe recipe, const GeneratedImage& image, const Settings& settings) {
  set(recipe, settings);
  return recipe_of(std::move(recipe), image);
}

Gallery::Gallery(const Arguments& arguments, OutputName output, Recipe recipe,
                 const Streams& streams, ProgressBar& progress)
    : output_(std::move(output)),
      recipe_(std::move(recipe)),
      tensors_(arguments.text("save-tensors")),
      overview_(arguments),
      mode_(write_mode(arguments)),
      json_(arguments.on("json")),
      quiet_(arguments.on("quiet")),
      streams_(streams),
      progress_(progress) {}

void Gallery::prepare(uint64_t first_seed) {
  output_.prepare(first_seed);
  overview_.prepare(output_.files(), recipe_.height, recipe_.width);
  if (!tensors_.empty()) expect_writable(tensors_);
}

void Gallery::add(GeneratedImage&& image, const std::string& from) {
  recipe_ = recipe_of(std::move(recipe_), image);
  const auto path =
      write_png(output_.path(image.index, image.seed), image.image, metadata(recipe_), mode_);
  progress_.clear();
  tell_cut(image);
  tell(path, image);
  overview_.add(image, path, from);
  if (!tensors_.empty()) images_.push_back(std::move(image));
}

void Gallery::finish() const {
  if (!tensors_.empty()) save_tensors();
  progress_.clear();
  overview_.finish(streams_, mode_, json_);
}

void Gallery::save_tensors() const {
  const auto rows = [&](auto member) {
    std::vector<at::Tensor> tensors;
    for (const auto& image : images_) tensors.push_back((image.*member).to(at::kCPU));
    return at::stack(tensors);  // (B, ...)
  };
  const auto bytes = safetensors_bytes(
      tensors_, {{"token_ids", rows(&GeneratedImage::token_ids).to(at::kLong)},
                 {"text_embedding", rows(&GeneratedImage::text_embedding).to(at::kFloat)},
                 {"image_embedding", rows(&GeneratedImage::image_embedding).to(at::kFloat)},
                 {"image_small", rows(&GeneratedImage::image_small).to(at::kFloat)},
                 {"image", rows(&GeneratedImage::image).to(at::kFloat)}});
  write_file(tensors_, bytes, mode_);
}

void Gallery::tell_cut(const GeneratedImage& image) const {
  if (image.cut.empty() || quiet_) return;
  streams_.err << "unclip: the prompt is longer than the model reads; left out: \"" << image.cut
               << "\"\n";
}

void Gallery::tell(const fs::path& path, const GeneratedImage& image) const {
  if (json_) {
    nlohmann::ordered_json json = {{"path", path.string()},   {"prompt", image.prompt},
                                   {"seed", image.seed},      {"index", image.index},
                                   {"width", recipe_.width},  {"height", recipe_.height},
                                   {"seconds", image.seconds}};
    if (image.clip_similarity) json["clip_similarity"] = *image.clip_similarity;
    streams_.out << json.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
  } else {
    streams_.out << path.string();
  }
  streams_.out << std::endl;
  if (!streams_.out) fail("standard output: cannot be written");
}

}  // namespace unclip::cli
