#include <ATen/ATen.h>

#include <nlohmann/json.hpp>
#include <optional>
#include <ostream>
#include <random>

#include "cli/device.h"
#include "cli/find_model.h"
#include "cli/interrupt.h"
#include "cli/metadata.h"
#include "cli/output_name.h"
#include "cli/progress_bar.h"
#include "cli/prompts.h"
#include "cli/verbs.h"
#include "core/error.h"
#include "image/png.h"
#include "pipeline/text_to_image.h"
#include "scheduler/scheduler.h"
#include "weights/model_info.h"
#include "weights/write_safetensors.h"

namespace unclip::cli {
namespace {

namespace fs = std::filesystem;

constexpr int64_t kMostSeed = INT64_MAX;
constexpr int64_t kMostImages = 1'000'000;

/// What the command line asks for.
struct Request {
  std::vector<std::string> prompts;
  PipelineOptions load;
  GenerateOptions generate;
  int64_t images = 0;
  OutputName output;
  std::string tensors;  // a file's name; empty: none
  std::string dtype;
  WriteMode mode = WriteMode::kNextFreeName;
  bool json = false;
  bool quiet = false;
};

uint64_t random_seed(int64_t images) {
  std::random_device device;
  return std::uniform_int_distribution<uint64_t>(
      0, static_cast<uint64_t>(kMostSeed - (images - 1)))(device);
}

uint64_t chosen_seed(const Arguments& arguments, int64_t images) {
  const auto seed = arguments.integer_if_given("seed", 0, kMostSeed);
  if (!seed) return random_seed(images);
  if (*seed > kMostSeed - (images - 1)) {
    arguments.refuse(
        "seed", "a seed that leaves room for " + std::to_string(images) + " pictures below 2^63");
  }
  return static_cast<uint64_t>(*seed);
}

GenerateOptions generate_options(const Arguments& arguments, int64_t images, int64_t count) {
  GenerateOptions options;
  options.count = count;
  options.seed = chosen_seed(arguments, images);
  options.batch_size = arguments.integer("batch-size", 1, kMostImages);
  options.prior_steps = arguments.integer_if_given("prior-steps", 1, kMostImages);
  options.decoder_steps = arguments.integer_if_given("decoder-steps", 1, kMostImages);
  options.super_res_steps = arguments.integer_if_given("super-res-steps", 1, kMostImages);
  options.prior_guidance = arguments.number_if_given("prior-guidance");
  options.decoder_guidance = arguments.number_if_given("decoder-guidance");
  return options;
}

std::string output_text(const Arguments& arguments) {
  const auto text = arguments.text("output");
  if (arguments.given("output") && text.empty()) arguments.refuse("output", "a name");
  for (const auto* other : {".jpg", ".jpeg", ".webp", ".gif", ".bmp", ".tif", ".tiff"}) {
    if (fs::path(text).extension() == other) arguments.refuse("output", "a name that ends in .png");
  }
  return text;
}

Request parse_request(const Arguments& arguments, const Streams& streams) {
  const auto count = arguments.integer("count", 1, kMostImages);
  const auto dtype = chosen_dtype(arguments);
  auto prompts = read_prompts(arguments, streams.in);
  const auto images = static_cast<int64_t>(prompts.size()) * count;
  Request request{
      .prompts = std::move(prompts),
      .load = {},
      .generate = generate_options(arguments, images, count),
      .images = images,
      .output = OutputName(output_text(arguments), "unclip-{seed}.png", images),
      .tensors = arguments.text("save-tensors"),
      .dtype = arguments.text("dtype"),
      .mode = arguments.on("overwrite") ? WriteMode::kOverwrite : WriteMode::kNextFreeName,
      .json = arguments.on("json"),
      .quiet = arguments.on("quiet")};
  request.load.parts = borrowed_parts(arguments);
  request.load.low_memory = arguments.on("low-memory");
  request.load.dtype = dtype;
  set_threads(arguments);
  request.load.device = open_device(arguments);
  return request;
}

/// More steps than a schedule has timesteps are wrong usage, but only the model knows how many.
void expect_steps(const ModelDir& model, const std::string& stage,
                  const std::optional<int64_t>& steps) {
  const auto part = stage + "_scheduler";
  if (!steps || !model.has(part)) return;
  const auto most = SchedulerConfig::from(model.config(part)).num_train_timesteps;
  if (*steps <= most) return;
  const auto flag = stage == "super_res" ? std::string("super-res") : stage;
  throw UsageError("--" + flag + "-steps is '" + std::to_string(*steps) +
                   "'; a whole number from 1 to " + std::to_string(most) + " is wanted");
}

void tell_unknown_words(const Request& request, const ModelDefaults& model, std::ostream& err) {
  if (model.known_words.empty()) return;
  std::string all;
  for (const auto& prompt : request.prompts) all += prompt + " ";
  const auto unknown = unknown_words(all, model.known_words);
  if (unknown.empty()) return;
  err << "unclip: " << model.name << " does not know";
  for (const auto& word : unknown) err << " \"" << word << "\"";
  err << "; it knows:";
  for (const auto& word : model.known_words) err << " " << word;
  err << "\n";
}

/// Takes the pictures as they come: to files, their names to standard output.
class Gallery {
 public:
  Gallery(const Request& request, const TextToImage& model, const Streams& streams,
          ProgressBar& progress)
      : request_(request), streams_(streams), progress_(progress), recipe_(recipe(model)) {}

  void add(GeneratedImage&& image) {
    recipe_.prompt = image.prompt;
    recipe_.seed = image.seed;
    recipe_.height = image.image.size(1);
    recipe_.width = image.image.size(2);
    const auto path = write_png(request_.output.path(image.index, image.seed), image.image,
                                metadata(recipe_), request_.mode);
    progress_.clear();
    tell_cut(image);
    tell(path, image);
    if (!request_.tensors.empty()) images_.push_back(std::move(image));
  }

  /// Writes --save-tensors.
  void finish() const {
    if (request_.tensors.empty()) return;
    const auto rows = [&](auto member) {
      std::vector<at::Tensor> tensors;
      for (const auto& image : images_) tensors.push_back((image.*member).to(at::kCPU));
      return at::stack(tensors);  // (B, ...)
    };
    const auto scratch = scratch_name(request_.tensors);
    write_safetensors(scratch,
                      {{"token_ids", rows(&GeneratedImage::token_ids).to(at::kLong)},
                       {"text_embedding", rows(&GeneratedImage::text_embedding).to(at::kFloat)},
                       {"image_embedding", rows(&GeneratedImage::image_embedding).to(at::kFloat)},
                       {"image_small", rows(&GeneratedImage::image_small).to(at::kFloat)},
                       {"image", rows(&GeneratedImage::image).to(at::kFloat)}});
    publish(scratch, request_.tensors, request_.mode);
  }

 private:
  Recipe recipe(const TextToImage& model) const {
    const auto settings = model.settings(request_.generate);
    Recipe recipe;
    recipe.prior_steps = settings.prior_steps;
    recipe.decoder_steps = settings.decoder_steps;
    recipe.super_res_steps = settings.super_res_steps;
    recipe.prior_guidance = settings.prior_guidance;
    recipe.decoder_guidance = settings.decoder_guidance;
    recipe.dtype = request_.dtype;
    recipe.device = request_.load.device.str();
    recipe.scheduler =
        model.model().config("decoder_scheduler").require<std::string>("_class_name");
    recipe.model_name = model.model().defaults().name;
    recipe.model_hash = model_hash(model.model());
    return recipe;
  }

  void tell_cut(const GeneratedImage& image) const {
    if (image.cut.empty() || request_.quiet) return;
    streams_.err << "unclip: the prompt is longer than the model reads; left out: \"" << image.cut
                 << "\"\n";
  }

  void tell(const fs::path& path, const GeneratedImage& image) const {
    if (request_.json) {
      const nlohmann::ordered_json json = {{"path", path.string()},   {"prompt", image.prompt},
                                           {"seed", image.seed},      {"index", image.index},
                                           {"width", recipe_.width},  {"height", recipe_.height},
                                           {"seconds", image.seconds}};
      streams_.out << json.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
    } else {
      streams_.out << path.string();
    }
    streams_.out << std::endl;
    if (!streams_.out) fail("standard output: cannot be written");
  }

  const Request& request_;
  const Streams& streams_;
  ProgressBar& progress_;
  Recipe recipe_;
  std::vector<GeneratedImage> images_;
};

std::string stage_name(Stage stage) {
  switch (stage) {
    case Stage::kText:
      return "text";
    case Stage::kPrior:
      return "prior";
    case Stage::kDecoder:
      return "decoder";
    case Stage::kSuperResolution:
      return "super-resolution";
  }
  return "";
}

OnProgress shown_by(ProgressBar& bar, bool quiet) {
  return [&bar, quiet](const Progress& p) {
    if (!quiet) {
      bar.show({stage_name(p.stage), p.step, p.steps, p.first_image, p.images, p.total_images});
    }
    return !interrupted();
  };
}

void tell_seed(const Request& request, std::ostream& err) {
  const auto first = request.generate.seed;
  err << "seed " << first;
  if (request.images > 1) err << " to " << first + static_cast<uint64_t>(request.images - 1);
  err << std::endl;
}

void generate(const Arguments& arguments, const Streams& streams) {
  auto request = parse_request(arguments, streams);
  auto model = TextToImage::load(find_model(arguments.text("model")), request.load);
  expect_steps(model.model(), "prior", request.generate.prior_steps);
  expect_steps(model.model(), "decoder", request.generate.decoder_steps);
  expect_steps(model.model(), "super_res", request.generate.super_res_steps);
  request.output.prepare(request.generate.seed);
  if (!request.tensors.empty()) expect_writable(request.tensors);
  if (!request.quiet) {
    tell_unknown_words(request, model.model().defaults(), streams.err);
    tell_seed(request, streams.err);
  }

  catch_interrupts();
  ProgressBar progress(streams);
  Gallery gallery(request, model, streams, progress);
  request.generate.on_progress = shown_by(progress, request.quiet);
  request.generate.on_image = [&](GeneratedImage&& image) { gallery.add(std::move(image)); };
  model.generate(request.prompts, request.generate);
  gallery.finish();
}

}  // namespace

Verb generate_verb() {
  return {
      "generate",
      "PROMPT...",
      "Paints pictures from prompts.",
      with_common_flags(
          {{"count", 'n', "N", "1", "pictures of each prompt", "Picture"},
           {"prompts", 0, "FILE", "", "read prompts from FILE too, one a line; - is standard input",
            "Picture"},
           {"prior-steps", 0, "N", "",
            "steps from noise to an image embedding (default: the model's, else 25)", "Sampling"},
           {"decoder-steps", 0, "N", "",
            "steps from noise to a small picture (default: the model's, else 25)", "Sampling"},
           {"super-res-steps", 0, "N", "",
            "steps from the small picture to the large one (default: the model's, else 7)",
            "Sampling"},
           {"prior-guidance", 0, "W", "",
            "how strongly the embedding follows the prompt: u + W (c - u) (default: the model's, "
            "else 4)",
            "Sampling"},
           {"decoder-guidance", 0, "W", "",
            "how strongly the picture follows both (default: the model's, else 8)", "Sampling"},
           part_flag(),
           {"low-memory", 0, "", "", "free each stage's weights when it ends", "Machine"},
           {"batch-size", 0, "N", "1", "pictures to paint at a time", "Machine"},
           {"save-tensors", 0, "FILE", "",
            "write token_ids, text_embedding, image_embedding, image_small and image of all "
            "pictures as "
            "safetensors too",
            "Output"}}),
      "  unclip \"a red ball left of a green cone\"\n"
      "  unclip \"a blue star\" \"a pink ring\" -n 4 -s 7 -o pictures/\n"
      "  unclip --prompts prompts.txt -o 'pictures/{i}-{seed}.png' --json > pictures.jsonl\n"
      "  unclip generate -m ~/models/karlo --part prior=~/models/karlo-alpha \\\n"
      "      --dtype bfloat16 --low-memory \"a corgi on a skateboard\"\n"
      "  unclip -- index        a prompt that is a verb's name, or begins with -\n",
      generate};
}

}  // namespace unclip::cli
