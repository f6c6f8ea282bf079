#include "cli/sampling.h"

#include <algorithm>
#include <ostream>
#include <random>

#include "base/nearest_name.h"
#include "cli/device.h"
#include "cli/find_model.h"
#include "cli/interrupt.h"
#include "cli/output_name.h"
#include "cli/prompts.h"
#include "families/registry.h"
#include "lab/tensor_watcher.h"
#include "lab/watcher.h"
#include "pipeline/plan.h"
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

/// Throws UsageError for more steps than the stage's schedule has timesteps.
void expect_steps(const ModelDir& model, const StageSpec& stage,
                  const std::optional<int64_t>& steps) {
  if (!steps || !model.has(stage.scheduler)) return;
  const auto most = SchedulerConfig::from(model.config(stage.scheduler)).num_train_timesteps;
  if (*steps <= most) return;
  throw UsageError("--" + stage.name + "-steps: expected an integer from 1 to " +
                   std::to_string(most) + ", the timesteps of the model's schedule, got '" +
                   std::to_string(*steps) + "'");
}

std::optional<WalkOptions> chosen_walk(const Arguments& arguments, const std::string& flag) {
  if (!arguments.given(flag)) return std::nullopt;
  try {
    auto walk = read_walk(arguments.text(flag));
    expect_to_sample(walk.sampler);
    return walk;
  } catch (const Error& error) {
    throw UsageError("--" + flag + ": " + error.what());
  }
}

/// A sampler that cannot run is wrong usage, but some of that depends on the model's schedule.
void expect_walk(const ModelDir& model, const StagePlan& stage) {
  if (stage.walk.sampler.empty() || !model.has(stage.spec.scheduler)) return;
  try {
    make_scheduler(model.config(stage.spec.scheduler), stage.walk);
  } catch (const Error& error) {
    throw UsageError("--" + stage.spec.name + "-scheduler: " + error.what());
  }
}

/// Whether the verb has --steps and --guidance of `sampling_flags`, which set all stages; the
/// --steps of `schedule compare` is another flag.
bool sets_all_stages(const Arguments& arguments) { return arguments.knows("watch"); }

/// --STAGE-guidance and what refines it.
GuidanceOptions chosen_guidance(const Arguments& arguments, const std::string& stage) {
  const auto flag = stage + "-guidance";
  GuidanceOptions guidance{.scale = arguments.number_if_given(flag)};
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

/// What a stage of the model has for a default; empty if the model lacks the stage.
std::function<std::string(const ModelDefaults&)> stage_default(
    const std::string& stage, std::function<std::string(const StageSpec&)> value) {
  return [stage, value = std::move(value)](const ModelDefaults& model) {
    const auto* spec = model.stage(stage);
    return spec == nullptr ? "" : value(*spec);
  };
}

/// A stage's guidance; `decoder` replaces it for the stage of a model that reads z.
std::function<std::string(const ModelDefaults&)> guidance_default(
    const std::string& stage, const std::function<std::string(const ModelDefaults&)>& decoder) {
  return [stage, decoder](const ModelDefaults& model) -> std::string {
    const auto* spec = model.stage(stage);
    if (spec == nullptr) return "";
    const bool reads_z = decoder_stage(model.stages).name == stage;
    return decoder && reads_z ? decoder(model) : number_text(spec->guidance);
  };
}

/// The flags of all stages of a half, of any family. `guidance` replaces the default of their
/// guidance that the help shows.
Flags half_flags(Half half, const std::function<std::string(const ModelDefaults&)>& guidance) {
  Flags steps, scales, refinements, samplers;
  for (const auto& stage : all_stages()) {
    if (stage.half != half) continue;
    steps.push_back({stage.name + "-steps", 0, "N", "", stage.steps_help, "Sampling", false, true,
                     stage_default(stage.name, [](const StageSpec& spec) {
                       return std::to_string(spec.steps);
                     })});
    samplers.push_back(scheduler_flag(stage.name + "-scheduler", stage.title));
    if (!stage.guided()) continue;
    scales.push_back({stage.name + "-guidance", 0, "W", "", stage.guidance_help, "Sampling", false,
                      true, guidance_default(stage.name, guidance)});
    const auto more = guidance_refinements(stage.name);
    refinements.insert(refinements.end(), more.begin(), more.end());
  }
  return joined({steps, scales, refinements, samplers});
}

/// The options of a stage that flags set; nothing if none is given.
std::optional<StageOptions> chosen_stage(const Arguments& arguments, const StageSpec& stage) {
  const std::string flags[] = {"-steps", "-scheduler", "-guidance", "-guidance-rescale",
                               "-guidance-interval"};
  if (std::none_of(std::begin(flags), std::end(flags),
                   [&](const std::string& flag) { return arguments.given(stage.name + flag); })) {
    return std::nullopt;
  }
  return StageOptions{.steps = arguments.integer_if_given(stage.name + "-steps", 1, kMostImages),
                      .walk = chosen_walk(arguments, stage.name + "-scheduler"),
                      .guidance = chosen_guidance(arguments, stage.name)};
}

}  // namespace

Flags prior_flags() { return half_flags(Half::kPrior, {}); }
Flags decoder_flags() { return half_flags(Half::kDecoder, {}); }
Flags decoder_flags(const std::function<std::string(const ModelDefaults&)>& guidance) {
  return half_flags(Half::kDecoder, guidance);
}

Flags size_flags() {
  return {{"width", 0, "PIXELS", "", "width of the images (default: the model's)", "Sampling"},
          {"height", 0, "PIXELS", "", "height of the images (default: the model's)", "Sampling"}};
}

Flags sampling_flags() {
  return joined(
      {{{"steps", 0, "N", "",
         "steps of every stage, unless its own flag is given (default: the model's of each)",
         "Sampling"},
        {"guidance", 0, "W", "",
         "guidance of every guided stage, unless its own flag is given (default: the model's "
         "of each)",
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
  if (sets_all_stages(arguments)) {
    options.steps = arguments.integer_if_given("steps", 1, kMostImages);
    options.guidance = arguments.number_if_given("guidance");
  }
  for (const auto& stage : all_stages()) {
    if (auto chosen = chosen_stage(arguments, stage)) options.stages[stage.name] = *chosen;
  }
  if (arguments.knows("width")) {
    options.width = arguments.integer_if_given("width", 1, kMostSide);
    options.height = arguments.integer_if_given("height", 1, kMostSide);
  }
  if (arguments.given("negative-prompt")) {
    options.negative_prompt = arguments.text("negative-prompt");
    expect_utf8("--negative-prompt", *options.negative_prompt);
  }
  options.preset = arguments.text("preset");
  const auto presets = preset_names();
  if (std::find(presets.begin(), presets.end(), options.preset) == presets.end()) {
    throw UsageError("--preset: there is no preset '" + options.preset + "'; " +
                     name_hint(options.preset, presets));
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

void expect_no_sampler(const Arguments& arguments, const ModelLayout& layout,
                       const std::string& what) {
  for (const auto& flag : {layout.decoder_stage().name + "-scheduler", std::string("preset")}) {
    if (!arguments.given(flag)) continue;
    throw UsageError("--" + flag + ": cannot be combined with " + what +
                     ", which starts from noise that ddim found: only ddim leads back from there");
  }
}

void expect_walks(const ModelDir& model, const GenerateOptions& options) {
  for (const auto& [name, stage] : options.stages) {
    const auto* spec = model.layout().stage(name);
    const auto& guidance = stage.guidance;
    const bool refined = guidance.others.rescale != 0 || !guidance.others.is_everywhere();
    if (spec != nullptr && (spec->guided() || !(guidance.scale || refined))) continue;
    const auto* flag = spec == nullptr && stage.steps  ? "-steps"
                       : spec == nullptr && stage.walk ? "-scheduler"
                                                       : "-guidance";
    throw UsageError("--" + name + flag + ": expected a " + (spec == nullptr ? "" : "guided ") +
                     "stage of " + model.defaults().name + ", " +
                     (spec == nullptr ? "which has no " + name : "whose " + name + " is not"));
  }
  const auto plan = make_plan(options, model.defaults());
  for (const auto& stage : plan.stages) {
    const auto it = options.stages.find(stage.spec.name);
    const auto own = it == options.stages.end() ? std::nullopt : it->second.steps;
    expect_steps(model, stage.spec, own ? own : options.steps);
  }
  for (const auto& stage : plan.stages) expect_walk(model, stage);
}

void expect_sampling(const ModelDir& model, const GenerateOptions& options, const Needs& walked) {
  expect_walks(model, options);
  bool guided = false;
  for (const auto& stage : make_plan(options, model.defaults()).stages) {
    expect_guidance(stage.spec.name, stage.guidance);
    const bool runs = stage.spec.half == Half::kPrior ? walked.prior : walked.decoder;
    guided = guided || (runs && stage.guidance.needs_unconditional()) ||
             (walked.prior && model.layout().negative_embedding);
  }
  if (!options.negative_prompt.value_or("").empty() && !guided) {
    throw UsageError(std::string("--negative-prompt: expected guidance other than 1") +
                     (walked.prior && walked.decoder ? ", of prior or decoder" : ""));
  }
}

void expect_no_negative(const ModelDir& model, const GenerateOptions& options,
                        const std::string& verb) {
  if (!options.negative_prompt || !model.layout().negative_embedding) return;
  throw UsageError("--negative-prompt: " + verb + " makes no embedding of it, which " +
                   model.defaults().name +
                   " needs; `unclip prior --negative-prompt` and `unclip decode` do");
}

void tell_size(const Engine& model, const GenerateOptions& options, std::ostream& err) {
  const auto size = model.plan(options).size;
  if (options.width.value_or(size.width) == size.width &&
      options.height.value_or(size.height) == size.height) {
    return;
  }
  err << "unclip: makes images of " << size.width << "x" << size.height
      << " pixels; their sides must be multiples of " << model.image_sizes().multiple << "\n";
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
      bar.show({p.label, p.step, p.steps, p.first_image, p.images, p.total_images});
    }
    return !interrupted();
  };
}

}  // namespace unclip::cli
