// unclip-train: makes the shipped model. One verb a network, each a function of train/.

#include <ATen/Parallel.h>

#include <cstdio>
#include <cxxopts.hpp>
#include <functional>
#include <map>
#include <sstream>

#include "core/error.h"
#include "train/make_tokenizer.h"
#include "train/train_clip.h"
#include "train/train_decoder.h"
#include "train/train_prior.h"
#include "train/train_super_resolution.h"

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

TrainOptions parse(int argc, char** argv, const std::string& name, const Verb& verb) {
  const auto& d = verb.defaults;
  cxxopts::Options options("unclip-train " + name, verb.help);
  const auto add = [&]<class T>(const char* flag, const char* help, const T& otherwise) {
    std::ostringstream text;
    text << otherwise;
    options.add_options()(flag, help, cxxopts::value<T>()->default_value(text.str()));
  };
  options.add_options()("model", "hub folder: configs are read there, weights written",
                        cxxopts::value<std::string>());
  add("run", "folder for checkpoints, log and samples", std::string("build/train"));
  if (!d.part.empty()) add("part", "of the model: which network", d.part);
  add("steps", "of the whole run", d.steps);
  add("batch", "examples a step", d.batch_size);
  add("lr", "learning rate", d.learning_rate);
  add("cool-down", "last steps, over which the learning rate falls", d.cool_down);
  add("average", "decay of the moving average", d.average_decay);
  add("seed", "of data and first weights", d.seed);
  add("device", "cpu or cuda", std::string("cpu"));
  add("threads", "of the processor; 0: all", 0);
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
