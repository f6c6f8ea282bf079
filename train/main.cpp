// unclip-train: makes the shipped model. One verb a network, each a function of train/.

#include <ATen/Parallel.h>

#include <cstdio>
#include <cxxopts.hpp>
#include <functional>
#include <map>

#include "core/error.h"
#include "train/make_tokenizer.h"
#include "train/train_clip.h"
#include "train/train_decoder.h"

namespace {

using unclip::train::TrainOptions;

/// What a verb does, and the options that suit it.
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
        [](const TrainOptions& o) { unclip::make_tokenizer(o.model / "tokenizer"); }}},
      {"clip",
       {"train both towers of CLIP",
        {.steps = 3000, .batch_size = 128, .learning_rate = 1e-3, .cool_down = 800},
        train_clip}},
      {"decoder",
       {"train the decoder and its text projection",
        {.steps = 6000, .batch_size = 32, .learning_rate = 8e-4, .cool_down = 2000},
        train_decoder}},
  };
}

TrainOptions parse(int argc, char** argv, const std::string& name, const Verb& verb) {
  const auto& d = verb.defaults;
  cxxopts::Options options("unclip-train " + name, verb.help);
  options.add_options()  //
      ("model", "hub folder: configs are read there, weights written",
       cxxopts::value<std::string>())("run", "folder for checkpoints, log and samples",
                                      cxxopts::value<std::string>()->default_value("build/train"))(
          "steps", "of the whole run",
          cxxopts::value<int64_t>()->default_value(std::to_string(d.steps)))(
          "batch", "examples a step",
          cxxopts::value<int64_t>()->default_value(std::to_string(d.batch_size)))(
          "lr", "learning rate",
          cxxopts::value<double>()->default_value(std::to_string(d.learning_rate)))(
          "cool-down", "last steps, over which the learning rate falls",
          cxxopts::value<int64_t>()->default_value(std::to_string(d.cool_down)))(
          "average", "decay of the moving average",
          cxxopts::value<double>()->default_value(std::to_string(d.average_decay)))(
          "seed", "of data and first weights", cxxopts::value<uint64_t>()->default_value("1"))(
          "resume", "go on from the run's checkpoint")(
          "from-model", "begin with the model folder's weights")("float32", "no bfloat16")(
          "device", "cpu or cuda", cxxopts::value<std::string>()->default_value("cpu"))(
          "threads", "of the processor", cxxopts::value<int>())(
          "checkpoint-minutes", "", cxxopts::value<double>()->default_value("5"))("h,help",
                                                                                  "print this");
  const auto given = options.parse(argc, argv);
  if (given.count("help") || !given.count("model")) {
    std::printf("%s", options.help().c_str());
    std::exit(given.count("help") ? 0 : 2);
  }
  if (given.count("threads")) at::set_num_threads(given["threads"].as<int>());
  TrainOptions o;
  o.model = given["model"].as<std::string>();
  o.run = given["run"].as<std::string>();
  o.steps = given["steps"].as<int64_t>();
  o.batch_size = given["batch"].as<int64_t>();
  o.learning_rate = given["lr"].as<double>();
  o.cool_down = given["cool-down"].as<int64_t>();
  o.average_decay = given["average"].as<double>();
  o.seed = given["seed"].as<uint64_t>();
  o.resume = given.count("resume") > 0;
  o.from_model = given.count("from-model") > 0;
  o.bfloat16 = given.count("float32") == 0;
  o.device = at::Device(given["device"].as<std::string>());
  o.checkpoint_minutes = given["checkpoint-minutes"].as<double>();
  return o;
}

int usage(const std::map<std::string, Verb>& all) {
  std::fprintf(stderr, "usage: unclip-train VERB --model DIR [options]; VERB --help lists them\n");
  for (const auto& [name, verb] : all)
    std::fprintf(stderr, "  %-12s %s\n", name.c_str(), verb.help);
  return 2;
}

}  // namespace

int main(int argc, char** argv) {
  const auto all = verbs();
  const auto found = argc > 1 ? all.find(argv[1]) : all.end();
  if (found == all.end()) return usage(all);
  try {
    found->second.run(parse(argc - 1, argv + 1, found->first, found->second));
    return 0;
  } catch (const cxxopts::exceptions::exception& e) {
    std::fprintf(stderr, "unclip-train: %s\n", e.what());
    return 2;
  } catch (const unclip::Error& e) {
    std::fprintf(stderr, "unclip-train: %s\n", e.what());
    return 1;
  }
}
