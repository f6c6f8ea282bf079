#include "cli/sampling.h"

#include <algorithm>
#include <ostream>
#include <random>

#include "cli/device.h"
#include "cli/find_model.h"
#include "cli/interrupt.h"
#include "cli/output_name.h"
#include "cli/prompts.h"
#include "lab/tensor_watcher.h"
#include "lab/watcher.h"
#include "pipeline/preset.h"
#include "scheduler/scheduler.h"

namespace unclip::cli {
namespace {

/// The first of the seeds of `images` images. Below 2^32: JavaScript and jq round integers above
/// 2^53, and a rounded seed paints another image.
uint64_t random_seed(int64_t images) {
  constexpr uint64_t kEnd = uint64_t{1} << 32;
  std::random_device device;
  const auto room = std::min<uint64_t>(static_cast<uint64_t>(images), kEnd);
  return std::uniform_int_distribution<uint64_t>(0, kEnd - room)(device);
}

/// The seed of the first image.
uint64_t chosen_seed(const Arguments& arguments, int64_t images) {
  images = std::max<int64_t>(images, 1);
  const auto text = arguments.text("seed");
  const bool random = text == "random" || text == "-1";
  if (random || (text.empty() && !arguments.given("seed"))) return random_seed(images);
  const auto seed = arguments.unsigned_integer("seed");
  if (seed > UINT64_MAX - static_cast<uint64_t>(images - 1)) {
    arguments.refuse("seed", "a seed at least " + std::to_string(images - 1) +
                                 " below 2^64, for the seeds of all " + std::to_string(images) +
                                 " images");
  }
  return seed;
}

void expect_steps(const ModelDir& model, const std::string& stage,
                  const std::optional<int64_t>& steps) {
  const auto part = stage + "_scheduler";
  if (!steps || !model.has(part)) return;
  const auto most = SchedulerConfig::from(model.config(part)).num_train_timesteps;
  if (*steps <= most) return;
  const auto flag = stage == "super_res" ? std::string("super-res") : stage;
  throw UsageError("--" + flag + "-steps: expected an integer from 1 to " + std::to_string(most) +
                   ", the timesteps of the model's schedule, got '" + std::to_string(*steps) + "'");
}

std::optional<WalkOptions> chosen_walk(const Arguments& arguments, const std::string& flag) {
  if (!arguments.given(flag)) return std::nullopt;
  try {
    auto walk = read_walk(arguments.text(flag));
    expect_to_sample(walk.sampler);
    walk.steps = 0;  // its flag sets the steps, or the model does
    return walk;
  } catch (const Error& error) {
    throw UsageError("--" + flag + ": " + error.what());
  }
}

/// A sampler that cannot run is wrong usage, but some of that depends on the model's schedule.
void expect_walk(const ModelDir& model, const std::string& part, const std::string& flag,
                 const WalkOptions& walk) {
  if (walk.sampler.empty() || !model.has(part)) return;
  try {
    make_scheduler(model.config(part), walk);
  } catch (const Error& error) {
    throw UsageError("--" + flag + ": " + error.what());
  }
}

/// Whether the verb has --steps and --guidance of `sampling_flags`, which set all stages; the
/// --steps of `schedule compare` is another flag.
bool sets_all_stages(const Arguments& arguments) { return arguments.knows("watch"); }

/// --STAGE-steps, else --steps.
std::optional<int64_t> chosen_steps(const Arguments& arguments, const std::string& stage) {
  const auto steps = arguments.integer_if_given(stage + "-steps", 1, kMostImages);
  if (steps || !sets_all_stages(arguments)) return steps;
  return arguments.integer_if_given("steps", 1, kMostImages);
}

/// --STAGE-guidance, else --guidance, and what refines it.
GuidanceOptions chosen_guidance(const Arguments& arguments, const std::string& stage) {
  const auto flag = stage + "-guidance";
  GuidanceOptions guidance{.scale = arguments.number_if_given(flag)};
  if (!guidance.scale && sets_all_stages(arguments)) {
    guidance.scale = arguments.number_if_given("guidance");
  }
  const auto rescale = arguments.number_if_given(flag + "-rescale");
  if (rescale.value_or(0) > 1) arguments.refuse(flag + "-rescale", "a number from 0 to 1");
  guidance.others.rescale = rescale.value_or(0);
  if (!arguments.given(flag + "-interval")) return guidance;
  const std::string expected = "A..B, two numbers with A < B";
  const auto ends = arguments.numbers(flag + "-interval", "..", expected);
  if (ends.size() != 2 || !(ends[0] < ends[1])) arguments.refuse(flag + "-interval", expected);
  guidance.others.sigma_min = ends[0];
  guidance.others.sigma_max = ends[1];
  return guidance;
}

void expect_guidance(const std::string& stage, const Guidance& guidance) {
  if (guidance.needs_unconditional()) return;
  const auto flag = "--" + stage + "-guidance";
  for (const auto& [suffix, is_set] : {std::pair{"-rescale", guidance.rescale != 0},
                                       std::pair{"-interval", !guidance.is_everywhere()}}) {
    if (is_set) throw UsageError(flag + suffix + ": expected " + flag + " other than 1");
  }
}

Flags guidance_refinements(const std::string& stage) {
  return advanced(
      {{stage + "-guidance-rescale", 0, "PHI", "",
        "0 to 1, how far the guided prediction is rescaled to the conditional one's deviation "
        "(default: 0)",
        "Sampling"},
       {stage + "-guidance-interval", 0, "A..B", "",
        "guide only at noise levels sigma from A to B, as `unclip schedule show` lists them "
        "(default: at all)",
        "Sampling"}});
}

Flag scheduler_flag(const std::string& name, const std::string& stage) {
  return {name,
          0,
          "SAMPLER",
          "",
          "sampler of " + stage +
              ", NAME[:key=value,...] (default: the model's); `unclip schedule list` lists them",
          "Sampling",
          false,
          true};
}

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
    case Stage::kInversion:
      return "inversion";
  }
  return "";
}

std::string prior_steps(const ModelDefaults& model) { return std::to_string(model.prior_steps); }
std::string decoder_steps(const ModelDefaults& model) {
  return std::to_string(model.decoder_steps);
}
std::string super_res_steps(const ModelDefaults& model) {
  return std::to_string(model.super_res_steps);
}
std::string prior_guidance(const ModelDefaults& model) { return number_text(model.prior_guidance); }
std::string decoder_guidance(const ModelDefaults& model) {
  return number_text(model.decoder_guidance);
}

}  // namespace

Flags prior_flags() {
  return joined({advanced({{"prior-steps", 0, "N", "", "steps from noise to an image embedding",
                            "Sampling", false, true, prior_steps},
                           {"prior-guidance", 0, "W", "",
                            "how strongly the embedding c follows the prompt, u + W (c - u)",
                            "Sampling", false, true, prior_guidance}}),
                 guidance_refinements("prior"),
                 {scheduler_flag("prior-scheduler", "the prior")}});
}

Flags decoder_flags() { return decoder_flags(decoder_guidance); }

Flags decoder_flags(std::string (*guidance)(const ModelDefaults&)) {
  return joined(
      {advanced({{"decoder-steps", 0, "N", "", "steps from noise to a small image", "Sampling",
                  false, true, decoder_steps},
                 {"super-res-steps", 0, "N", "", "steps from the small image to the large one",
                  "Sampling", false, true, super_res_steps},
                 {"decoder-guidance", 0, "W", "",
                  "how strongly the image c follows embedding and prompt, u + W (c - u)",
                  "Sampling", false, true, guidance}}),
       guidance_refinements("decoder"),
       {scheduler_flag("decoder-scheduler", "the decoder"),
        scheduler_flag("super-res-scheduler", "super-resolution")}});
}

Flags sampling_flags() {
  return joined(
      {{{"steps", 0, "N", "",
         "steps of every stage, unless its own flag is given (default: the model's of each)",
         "Sampling"},
        {"guidance", 0, "W", "",
         "guidance of prior and decoder, unless its own flag is given (default: the model's of "
         "each)",
         "Sampling"}},
       recipe_flags(),
       weights_flags(),
       {batch_size_flag()},
       {{"watch", 0, "DIR", "",
         "write what each step saw: x_t and the predicted x_0 as images and GIF, their norms and "
         "the guidance's as CSV",
         "Output", false, true},
        {"watch-tensors", 0, "FILE", "",
         "write x_t and the predicted x_0 of each step as a safetensors file", "Output", false,
         true}}});
}

Flags recipe_flags() {
  return {{"preset", 0, "NAME", "exact",
           "fast, balanced or exact; it sets the samplers and steps that other flags leave open",
           "Sampling"},
          {"negative-prompt", 0, "TEXT", "", "what the image should not show; it needs guidance",
           "Sampling"}};
}

Flag batch_size_flag() {
  return {"batch-size", 0, "N", "1", "images to paint at a time", "Machine", false, true};
}

Flags weights_flags() {
  return {
      part_flag(),
      {"low-memory", 0, "", "", "free each stage's weights when it ends", "Machine", false, true}};
}

Flags encoding_flags() {
  return joined(
      {weights_flags(),
       {{"batch-size", 0, "N", "32", "images to encode at a time", "Machine", false, true}}});
}

Flags joined(std::initializer_list<Flags> tables) {
  Flags all;
  for (const auto& table : tables) all.insert(all.end(), table.begin(), table.end());
  return all;
}

GenerateOptions sampling_options(const Arguments& arguments, int64_t images) {
  GenerateOptions options;
  options.seed = chosen_seed(arguments, images);
  options.batch_size = arguments.integer("batch-size", 1, kMostImages);
  options.prior_steps = chosen_steps(arguments, "prior");
  options.decoder_steps = chosen_steps(arguments, "decoder");
  options.super_res_steps = chosen_steps(arguments, "super-res");
  options.prior_walk = chosen_walk(arguments, "prior-scheduler");
  options.decoder_walk = chosen_walk(arguments, "decoder-scheduler");
  options.super_res_walk = chosen_walk(arguments, "super-res-scheduler");
  options.prior_guidance = chosen_guidance(arguments, "prior");
  options.decoder_guidance = chosen_guidance(arguments, "decoder");
  options.negative_prompt = arguments.text("negative-prompt");
  expect_utf8("--negative-prompt", options.negative_prompt);
  try {
    options = with_preset(std::move(options), arguments.text("preset"));
  } catch (const Error& error) {
    throw UsageError(std::string("--preset: ") + error.what());
  }
  if (arguments.knows("watch") && arguments.given("watch")) {
    const auto folder = arguments.text("watch");
    if (folder.empty()) arguments.refuse("watch", "a folder");
    const auto watcher = std::make_shared<lab::Watcher>(folder, arguments.on("overwrite"));
    options.on_watch = [watcher](const WatchedStep& step) { watcher->add(step); };
  }
  if (arguments.knows("watch-tensors") && arguments.given("watch-tensors")) {
    const auto file = arguments.text("watch-tensors");
    if (!file.ends_with(".safetensors")) {
      arguments.refuse("watch-tensors", "a name that ends in .safetensors");
    }
    std::error_code error;
    if (std::filesystem::exists(file, error) && !arguments.on("overwrite")) {
      arguments.refuse("watch-tensors", "a name that is not taken yet, unless with --overwrite,");
    }
    expect_writable(file);
    const auto watcher = std::make_shared<lab::TensorWatcher>(file);
    options.on_watch = [watcher, also = options.on_watch](const WatchedStep& step) {
      if (also) also(step);
      watcher->add(step);
    };
  }
  return options;
}

PipelineOptions pipeline_options(const Arguments& arguments) {
  PipelineOptions options;
  options.dtype = chosen_dtype(arguments);
  options.parts = borrowed_parts(arguments);
  options.low_memory = arguments.on("low-memory");
  set_threads(arguments);
  options.device = open_device(arguments);
  return options;
}

void expect_no_sampler(const Arguments& arguments, const std::string& what) {
  for (const std::string flag : {"decoder-scheduler", "preset"}) {
    if (!arguments.given(flag)) continue;
    throw UsageError("--" + flag + ": cannot be combined with " + what +
                     ", which starts from noise that ddim found: only ddim leads back from there");
  }
}

void expect_walks(const ModelDir& model, const GenerateOptions& options) {
  expect_steps(model, "prior", options.prior_steps);
  expect_steps(model, "decoder", options.decoder_steps);
  expect_steps(model, "super_res", options.super_res_steps);
  const auto settings = settings_of(options, model.defaults());
  expect_walk(model, "prior_scheduler", "prior-scheduler", settings.prior_walk);
  expect_walk(model, "decoder_scheduler", "decoder-scheduler", settings.decoder_walk);
  expect_walk(model, "super_res_scheduler", "super-res-scheduler", settings.super_res_walk);
}

void expect_sampling(const ModelDir& model, const GenerateOptions& options, const Needs& walked) {
  expect_walks(model, options);
  const auto settings = settings_of(options, model.defaults());
  expect_guidance("prior", settings.prior_guidance);
  expect_guidance("decoder", settings.decoder_guidance);
  const bool guided = (walked.prior && settings.prior_guidance.needs_unconditional()) ||
                      (walked.decoder && settings.decoder_guidance.needs_unconditional());
  if (!options.negative_prompt.empty() && !guided) {
    throw UsageError(std::string("--negative-prompt: expected guidance other than 1") +
                     (walked.prior && walked.decoder ? ", of prior or decoder" : ""));
  }
}

void tell_unknown_words(const std::vector<std::string>& prompts, const ModelDefaults& model,
                        std::ostream& err) {
  const auto message = unknown_words_message(prompts, model.name, model.known_words);
  if (!message.empty()) err << "unclip: " << message << "\n";
}

void tell_seed(uint64_t first, int64_t images, std::ostream& err) {
  err << "seed " << first;
  if (images > 1) err << " to " << first + static_cast<uint64_t>(images - 1);
  err << std::endl;
}

OnProgress shown_by(ProgressBar& bar, bool quiet) {
  return [&bar, quiet](const Progress& p) {
    if (!quiet) {
      bar.show({stage_name(p.stage), p.step, p.steps, p.first_image, p.images, p.total_images});
    }
    return !interrupted();
  };
}

}  // namespace unclip::cli
