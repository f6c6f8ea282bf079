#include "cli/sampling.h"

#include <algorithm>
#include <ostream>
#include <random>

#include "cli/device.h"
#include "cli/find_model.h"
#include "cli/interrupt.h"
#include "cli/prompts.h"
#include "lab/watcher.h"
#include "pipeline/preset.h"
#include "scheduler/scheduler.h"

namespace unclip::cli {
namespace {

constexpr int64_t kMostSeed = INT64_MAX;

uint64_t random_seed(int64_t images) {
  std::random_device device;
  return std::uniform_int_distribution<uint64_t>(
      0, static_cast<uint64_t>(kMostSeed - (images - 1)))(device);
}

/// The first one's; where there will be none, as of one.
uint64_t chosen_seed(const Arguments& arguments, int64_t images) {
  images = std::max<int64_t>(images, 1);
  if (arguments.text("seed").empty() && !arguments.given("seed")) return random_seed(images);
  const auto seed = arguments.integer("seed", 0, kMostSeed);
  if (seed > kMostSeed - (images - 1)) {
    arguments.refuse(
        "seed", "a seed that leaves room for " + std::to_string(images) + " pictures below 2^63");
  }
  return static_cast<uint64_t>(seed);
}

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

std::optional<WalkOptions> chosen_walk(const Arguments& arguments, const std::string& flag) {
  if (!arguments.given(flag)) return std::nullopt;
  try {
    auto walk = parse_walk(arguments.text(flag));
    expect_to_sample(walk.sampler);
    walk.steps = 0;  // the steps' own flag says, or the model
    return walk;
  } catch (const Error& error) {
    throw UsageError("--" + flag + ": " + error.what());
  }
}

/// A walk that cannot be is wrong usage, but only the model's schedule tells some of it.
void expect_walk(const ModelDir& model, const std::string& part, const std::string& flag,
                 const WalkOptions& walk) {
  if (walk.sampler.empty() || !model.has(part)) return;
  try {
    make_scheduler(model.config(part), walk);
  } catch (const Error& error) {
    throw UsageError("--" + flag + ": " + error.what());
  }
}

/// --STAGE-guidance and what refines it.
GuidanceOptions chosen_guidance(const Arguments& arguments, const std::string& stage) {
  const auto flag = stage + "-guidance";
  GuidanceOptions guidance{.scale = arguments.number_if_given(flag)};
  const auto rescale = arguments.number_if_given(flag + "-rescale");
  if (rescale.value_or(0) > 1) arguments.refuse(flag + "-rescale", "a number from 0 to 1");
  guidance.others.rescale = rescale.value_or(0);
  if (!arguments.given(flag + "-interval")) return guidance;
  const std::string wanted = "LEAST..MOST, two numbers that rise,";
  const auto ends = arguments.numbers(flag + "-interval", "..", wanted);
  if (ends.size() != 2 || !(ends[0] < ends[1])) arguments.refuse(flag + "-interval", wanted);
  guidance.others.sigma_min = ends[0];
  guidance.others.sigma_max = ends[1];
  return guidance;
}

void expect_guidance(const std::string& stage, const Guidance& guidance) {
  if (guidance.needs_unconditional()) return;
  const auto flag = "--" + stage + "-guidance";
  for (const auto& [suffix, is_set] : {std::pair{"-rescale", guidance.rescale != 0},
                                       std::pair{"-interval", !guidance.is_everywhere()}}) {
    if (is_set) throw UsageError(flag + suffix + " needs " + flag + " other than 1");
  }
}

Flags guidance_refinements(const std::string& stage) {
  return {{stage + "-guidance-rescale", 0, "PHI", "",
           "from 0 to 1: how much of the guided prediction gets back the deviation of the "
           "conditional one (default: 0)",
           "Sampling"},
          {stage + "-guidance-interval", 0, "A..B", "",
           "guide where the noise beside a signal of 1 is between these alone; unclip schedule "
           "show tells it as sigma (default: everywhere)",
           "Sampling"}};
}

Flag scheduler_flag(const std::string& name, const std::string& stage) {
  return {name,
          0,
          "WALK",
          "",
          "the sampler of " + stage +
              ", NAME[:key=value,...]; unclip schedule list tells them (default: the model's)",
          "Sampling"};
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

}  // namespace

Flags prior_flags() {
  return joined(
      {{{"prior-steps", 0, "N", "",
         "steps from noise to an image embedding (default: the model's, else 25)", "Sampling"},
        {"prior-guidance", 0, "W", "",
         "how strongly the embedding follows the prompt: u + W (c - u) (default: the model's, "
         "else 4)",
         "Sampling"}},
       guidance_refinements("prior"),
       {scheduler_flag("prior-scheduler", "the prior")}});
}

Flags decoder_flags() {
  return joined(
      {{{"decoder-steps", 0, "N", "",
         "steps from noise to a small picture (default: the model's, else 25)", "Sampling"},
        {"super-res-steps", 0, "N", "",
         "steps from the small picture to the large one (default: the model's, else 7)",
         "Sampling"},
        {"decoder-guidance", 0, "W", "",
         "how strongly the picture follows embedding and prompt (default: the model's, else 8)",
         "Sampling"}},
       guidance_refinements("decoder"),
       {scheduler_flag("decoder-scheduler", "the decoder"),
        scheduler_flag("super-res-scheduler", "super-resolution")}});
}

Flags sampling_flags() {
  return joined({recipe_flags(),
                 weights_flags(),
                 {batch_size_flag()},
                 {{"watch", 0, "DIR", "",
                   "write what each step saw: x_t and the predicted x_0 as pictures and GIF, their "
                   "size and the guidance's as CSV",
                   "Output"}}});
}

Flags recipe_flags() {
  return {
      {"preset", 0, "NAME", "exact",
       "fast, balanced or exact: samplers and steps of all stages, but for what other flags say",
       "Sampling"},
      {"negative-prompt", 0, "TEXT", "",
       "what to keep away from, where there is guidance: the text of the unconditional rows",
       "Sampling"}};
}

Flag batch_size_flag() {
  return {"batch-size", 0, "N", "1", "pictures to paint at a time", "Machine"};
}

Flags weights_flags() {
  return {part_flag(),
          {"low-memory", 0, "", "", "free each stage's weights when it ends", "Machine"}};
}

Flags encoding_flags() {
  return joined(
      {weights_flags(), {{"batch-size", 0, "N", "32", "pictures to encode at a time", "Machine"}}});
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
  options.prior_steps = arguments.integer_if_given("prior-steps", 1, kMostImages);
  options.decoder_steps = arguments.integer_if_given("decoder-steps", 1, kMostImages);
  options.super_res_steps = arguments.integer_if_given("super-res-steps", 1, kMostImages);
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
    if (folder.empty()) arguments.refuse("watch", "the name of a folder");
    const auto watcher = std::make_shared<lab::Watcher>(folder, arguments.on("overwrite"));
    options.on_watch = [watcher](const WatchedStep& step) { watcher->add(step); };
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
    throw UsageError("--" + flag + " and " + what +
                     " exclude each other: from a picture's own noise ddim leads back");
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
    throw UsageError(std::string("--negative-prompt needs guidance other than 1") +
                     (walked.prior && walked.decoder ? ", of prior or decoder" : ""));
  }
}

void tell_unknown_words(const std::vector<std::string>& prompts, const ModelDefaults& model,
                        std::ostream& err) {
  if (model.known_words.empty()) return;
  std::string all;
  for (const auto& prompt : prompts) all += prompt + " ";
  const auto unknown = unknown_words(all, model.known_words);
  if (unknown.empty()) return;
  err << "unclip: " << model.name << " does not know";
  for (const auto& word : unknown) err << " \"" << word << "\"";
  err << "; it knows:";
  for (const auto& word : model.known_words) err << " " << word;
  err << "\n";
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
