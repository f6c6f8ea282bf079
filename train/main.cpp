// unclip-train: makes the shipped model. One command per network, each a function of train/.

#include <ATen/Parallel.h>

#include <cstdio>
#include <cxxopts.hpp>
#include <functional>
#include <map>
#include <optional>
#include <sstream>

#include "base/error.h"
#include "families/registry.h"
#include "kernels/caching_allocator.h"
#include "kernels/device.h"
#include "train/make_tokenizer.h"
#include "train/measure.h"
#include "train/plot.h"
#include "train/train_clip.h"
#include "train/train_decoder.h"
#include "train/train_prior.h"
#include "train/train_super_resolution.h"
#include "train/training_world.h"

namespace {

using unclip::train::TrainOptions;

/// A training command, with the options that suit it.
struct Verb {
  const char* help;
  TrainOptions defaults;
  std::function<void(const TrainOptions&)> run;
};

std::map<std::string, Verb> verbs() {
  using namespace unclip::train;
  return {
      {"tokenizer",
       {"learn the vocabulary",
        {},
        [](const TrainOptions& o) {
          unclip::make_tokenizer(o.model / "tokenizer", world_of_model(o.model));
        }}},
      {"clip",
       {"train both towers of CLIP",
        // Every pair of the batch is contrasted, so workers cannot share it.
        {.steps = 3000, .batch_size = 128, .workers = 0, .learning_rate = 1e-3, .cool_down = 800},
        train_clip}},
      {"decoder",
       {"train the decoder and its text projection",
        {.steps = 6000, .batch_size = 32, .learning_rate = 8e-4, .cool_down = 2000},
        train_decoder}},
      {"prior",
       {"train the diffusion prior",
        {.steps = 3000, .batch_size = 128, .learning_rate = 1e-3, .cool_down = 1000},
        train_prior}},
      {"super-res",
       {"train a super-resolution network: --part super_res_first or super_res_last",
        {.part = "super_res_first",
         .steps = 3000,
         .batch_size = 16,
         .learning_rate = 1e-3,
         .cool_down = 1000},
        train_super_resolution}},
  };
}

/// A command that prints measurements.
struct Measure {
  const char* help;
  const char* pictures;  // how many, by default
  void (*run)(const unclip::train::MeasureOptions&);
};

const std::map<std::string, Measure>& measures() {
  using namespace unclip::train;
  static const std::map<std::string, Measure> measures = {
      {"measure",
       {"how often a model paints what it is asked for", "200",
        [](const MeasureOptions& o) {
          world_of_model(o.model).name() == "picturebook" ? measure_picturebook(o) : measure(o);
        }}},
      {"measure-embeddings",
       {"how well pictures go through the space of embeddings", "200", measure_embeddings}},
      {"measure-search", {"how well an index of pictures answers", "5000", measure_search}}};
  return measures;
}

at::Device opened(const std::string& name) {
  const auto device = unclip::parse_device(name);
  if (!device) unclip::fail("--device: expected cpu, cuda or cuda:K, got '", name, "'");
  unclip::open_device(*device);
  return *device;
}

TrainOptions parse(int argc, char** argv, const std::string& name, const Verb& verb) {
  const auto& d = verb.defaults;
  cxxopts::Options options("unclip-train " + name, verb.help);
  const auto add = [&]<class T>(const char* flag, const char* help, const T& otherwise) {
    std::ostringstream text;
    text << otherwise;
    options.add_options()(flag, help, cxxopts::value<T>()->default_value(text.str()));
  };
  options.add_options()(
      "model", "hub folder: configs and the name of the world are read there, weights written",
      cxxopts::value<std::string>());
  add("run", "folder for checkpoints, logs (CSV and TensorBoard) and samples",
      std::string("build/train"));
  if (!d.part.empty()) add("part", "of the model: which network", d.part);
  add("steps", "of the whole run", d.steps);
  add("batch", "examples a step", d.batch_size);
  add("lr", "learning rate", d.learning_rate);
  add("matrix-lr", "of Muon, for matrices and convolutions; 0: all by AdamW", d.matrix_rate);
  add("cool-down", "last steps, over which the learning rate falls", d.cool_down);
  add("average", "decay of the moving average", d.average_decay);
  if (d.workers > 0) add("workers", "threads that share a batch", d.workers);
  add("loaders", "steps that are rendered ahead, each by a thread", d.loaders);
  add("seed", "of data and first weights", d.seed);
  add("device", "cpu or cuda", std::string("cpu"));
  add("threads", "of the processor, for all workers together; 0: all", 0);
  add("checkpoint-minutes", "between checkpoints", d.checkpoint_minutes);
  options.add_options()("resume", "go on from the run's checkpoint");
  options.add_options()("from-model", "begin with the model folder's weights");
  options.add_options()("float32", "no bfloat16");
  options.add_options()("h,help", "print this");
  const auto given = options.parse(argc, argv);
  if (given.count("help") || !given.count("model")) {
    std::printf("%s", options.help().c_str());
    std::exit(given.count("help") ? 0 : 2);
  }
  if (given["threads"].as<int>() > 0) at::set_num_threads(given["threads"].as<int>());
  TrainOptions o;
  o.model = given["model"].as<std::string>();
  o.run = given["run"].as<std::string>();
  if (!verb.defaults.part.empty()) o.part = given["part"].as<std::string>();
  o.steps = given["steps"].as<int64_t>();
  o.batch_size = given["batch"].as<int64_t>();
  if (d.workers > 0) o.workers = given["workers"].as<int64_t>();
  o.learning_rate = given["lr"].as<double>();
  o.matrix_rate = given["matrix-lr"].as<double>();
  o.cool_down = given["cool-down"].as<int64_t>();
  o.average_decay = given["average"].as<double>();
  o.loaders = given["loaders"].as<int64_t>();
  o.seed = given["seed"].as<uint64_t>();
  o.resume = given.count("resume") > 0;
  o.from_model = given.count("from-model") > 0;
  o.bfloat16 = given.count("float32") == 0;
  o.device = opened(given["device"].as<std::string>());
  o.checkpoint_minutes = given["checkpoint-minutes"].as<double>();
  return o;
}

/// The options --STAGE-scheduler, --STAGE-steps and --STAGE-guidance; those not given have the
/// model's own values.
unclip::GenerateOptions sampling(const cxxopts::ParseResult& given) {
  unclip::GenerateOptions o{.preset = given["preset"].as<std::string>()};
  for (const auto& stage : unclip::all_stages()) {
    auto& options = o.stages[stage.name];
    if (given.count(stage.name + "-scheduler")) {
      options.walk = unclip::read_walk(given[stage.name + "-scheduler"].as<std::string>());
    }
    if (given.count(stage.name + "-steps")) {
      options.steps = given[stage.name + "-steps"].as<int64_t>();
    }
    if (stage.guided() && given.count(stage.name + "-guidance")) {
      options.guidance.scale = given[stage.name + "-guidance"].as<double>();
    }
  }
  return o;
}

void run_measure(const std::string& verb, int argc, char** argv) {
  const auto& measure = measures().at(verb);
  cxxopts::Options options("unclip-train " + verb, measure.help);
  options.add_options()("model", "hub folder", cxxopts::value<std::string>())(
      "pictures", "of each kind, or in the index",
      cxxopts::value<int64_t>()->default_value(measure.pictures))(
      "queries", "of the index, of each kind", cxxopts::value<int64_t>()->default_value("200"))(
      "batch", "pictures at a time", cxxopts::value<int64_t>()->default_value("8"))(
      "device", "cpu or cuda", cxxopts::value<std::string>()->default_value("cpu"))(
      "seed", "of captions and pictures", cxxopts::value<uint64_t>()->default_value("1000000"))(
      "sheets", "folder for sheets of the pictures", cxxopts::value<std::string>())(
      "json", "print JSON")("h,help", "print this");
  if (verb == "measure") {
    options.add_options()("preset", "as unclip has it",
                          cxxopts::value<std::string>()->default_value("exact"));
    for (const auto& stage : unclip::all_stages()) {
      options.add_options()(stage.name + "-scheduler", "as unclip has it",
                            cxxopts::value<std::string>())(
          stage.name + "-steps", "as unclip has them", cxxopts::value<int64_t>());
      if (!stage.guided()) continue;
      options.add_options()(stage.name + "-guidance", "as unclip has it", cxxopts::value<double>());
    }
  }
  const auto given = options.parse(argc, argv);
  if (given.count("help") || !given.count("model")) {
    std::printf("%s", options.help().c_str());
    std::exit(given.count("help") ? 0 : 2);
  }
  measure.run({.model = given["model"].as<std::string>(),
               .device = opened(given["device"].as<std::string>()),
               .pictures = given["pictures"].as<int64_t>(),
               .queries = given["queries"].as<int64_t>(),
               .batch_size = given["batch"].as<int64_t>(),
               .seed = given["seed"].as<uint64_t>(),
               .json = given.count("json") > 0,
               .sheets = given.count("sheets") ? given["sheets"].as<std::string>() : "",
               .generate = verb == "measure" ? sampling(given) : unclip::GenerateOptions{}});
}

void run_judge(int argc, char** argv) {
  cxxopts::Options options("unclip-train judge", "what an image of a world shows");
  options.positional_help("FILE.png");
  options.add_options()("file", "", cxxopts::value<std::string>())("prompt", "what it should show",
                                                                   cxxopts::value<std::string>())(
      "world", "toybox or picturebook", cxxopts::value<std::string>()->default_value("toybox"))(
      "json", "print JSON")("h,help", "print this");
  options.parse_positional({"file"});
  const auto given = options.parse(argc, argv);
  if (given.count("help") || !given.count("file")) {
    std::printf("%s", options.help().c_str());
    std::exit(given.count("help") ? 0 : 2);
  }
  unclip::train::judge_picture(
      {.picture = given["file"].as<std::string>(),
       .world = given["world"].as<std::string>(),
       .prompt = given.count("prompt") ? given["prompt"].as<std::string>() : "",
       .has_prompt = given.count("prompt") > 0,
       .json = given.count("json") > 0});
}

void run_plot(int argc, char** argv) {
  cxxopts::Options options("unclip-train plot", "the curves of a training run");
  options.positional_help("RUN/NAME.csv");
  options.add_options()("log", "", cxxopts::value<std::string>())(
      "o,out", "image, .svg or .png", cxxopts::value<std::string>()->default_value("curves.svg"))(
      "h,help", "print this");
  options.parse_positional({"log"});
  const auto given = options.parse(argc, argv);
  if (given.count("help") || !given.count("log")) {
    std::printf("%s", options.help().c_str());
    std::exit(given.count("help") ? 0 : 2);
  }
  unclip::train::plot_log(
      {.log = given["log"].as<std::string>(), .out = given["out"].as<std::string>()});
}

int usage(const std::map<std::string, Verb>& all) {
  std::fprintf(stderr, "usage: unclip-train VERB [options]; VERB --help lists them\n");
  for (const auto& [name, verb] : all) {
    std::fprintf(stderr, "  %-18s %s\n", name.c_str(), verb.help);
  }
  for (const auto& [name, measure] : measures()) {
    std::fprintf(stderr, "  %-18s %s\n", name.c_str(), measure.help);
  }
  std::fprintf(stderr, "  %-18s %s\n", "judge", "what an image of a world shows");
  std::fprintf(stderr, "  %-18s %s\n", "plot", "the curves of a training run");
  return 2;
}

}  // namespace

int main(int argc, char** argv) {
  unclip::use_caching_allocator();
  const auto all = verbs();
  const std::string name = argc > 1 ? argv[1] : "";
  try {
    if (measures().contains(name)) {
      run_measure(name, argc - 1, argv + 1);
    } else if (name == "plot") {
      run_plot(argc - 1, argv + 1);
    } else if (name == "judge") {
      run_judge(argc - 1, argv + 1);
    } else if (const auto found = all.find(name); found != all.end()) {
      found->second.run(parse(argc - 1, argv + 1, name, found->second));
    } else {
      return usage(all);
    }
    return 0;
  } catch (const cxxopts::exceptions::exception& e) {
    std::fprintf(stderr, "unclip-train: %s\n", e.what());
    return 2;
  } catch (const std::exception& e) {
    std::fprintf(stderr, "unclip-train: %s\n", e.what());
    return 1;
  }
}
