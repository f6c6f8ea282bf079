#include "lab/comparison.h"

#include <algorithm>
#include <map>
#include <nlohmann/json.hpp>
#include <tuple>

#include "base/error.h"
#include "base/parse_number.h"
#include "image/png.h"
#include "image/psnr.h"
#include "kernels/tensor.h"
#include "lab/settings.h"

namespace unclip::lab {
namespace {

using Key = std::tuple<std::string, int64_t, int64_t>;  // walk, steps, index

template <class T>
T parsed(const std::string& text, const char* what) {
  const auto value = parse_number<T>(text);
  if (!value) fail("comparison.csv: expected a ", what, ", got '", text, "'");
  return *value;
}

RunFolder::Record record_of(const Compared& c) {
  return {c.walk,
          std::to_string(c.steps),
          std::to_string(c.evaluations),
          std::to_string(c.index),
          c.prompt,
          std::to_string(c.seed),
          c.score.faithful ? (*c.score.faithful ? "yes" : "no") : "",
          c.score.clip ? number_text(*c.score.clip) : "",
          number_text(c.psnr),
          number_text(c.seconds),
          c.picture};
}

Compared compared_of(const RunFolder::Record& r) {
  Compared c{.walk = r[0],
             .steps = parsed<int64_t>(r[1], "number of steps"),
             .evaluations = parsed<int64_t>(r[2], "number of evaluations"),
             .index = parsed<int64_t>(r[3], "index"),
             .prompt = r[4],
             .seed = parsed<uint64_t>(r[5], "seed"),
             .psnr = parsed<double>(r[8], "PSNR"),
             .seconds = parsed<double>(r[9], "number of seconds"),
             .picture = r[10]};
  if (!r[6].empty()) c.score.faithful = r[6] == "yes";
  if (!r[7].empty()) c.score.clip = parsed<double>(r[7], "similarity");
  return c;
}

/// The image in [0, 1] that is compared with the reference's: the final one if the stage makes it,
/// or the decoder's small one.
at::Tensor measured(const GeneratedImage& image, const std::string& stage,
                    const ModelLayout& layout) {
  const auto* spec = layout.stage(stage);
  const auto& first = layout.decoder_stage().name;
  const bool large =
      first == layout.stages.back().name || (spec->half == Half::kDecoder && spec->name != first);
  return large ? image.image : image.image_small.cpu() / 2 + 0.5;
}

/// A sampler's text in the characters that a file name may have.
std::string plain(std::string text) {
  for (char& c : text) {
    const bool stays = std::isalnum(static_cast<unsigned char>(c)) || c == '_' || c == '.';
    if (!stays) c = '-';
  }
  return text;
}

class Comparison {
 public:
  Comparison(Engine& engine, Scorer& scorer, const ComparisonOptions& options, RunFolder* folder)
      : engine_(engine), scorer_(scorer), options_(options), folder_(folder) {
    if (options_.generate.reuse != nullptr) reuse_ = options_.generate.reuse;
    if (folder_ == nullptr) return;
    for (const auto& record : folder_->records()) {
      auto c = compared_of(record);
      std::error_code error;
      if (!std::filesystem::exists(*folder_ / c.picture, error)) continue;  // will be made again
      done_.emplace(key_of(c), std::move(c));
    }
  }

  std::vector<Compared> run() {
    const auto rows = rows_of(options_.prompts, options_.generate);
    const auto batch = static_cast<size_t>(options_.generate.batch_size);
    for (size_t first = 0; first < rows.size(); first += batch) {
      const auto end = std::min(rows.size(), first + batch);
      paint({rows.begin() + static_cast<std::ptrdiff_t>(first),
             rows.begin() + static_cast<std::ptrdiff_t>(end)},
            static_cast<int64_t>(first));
    }
    std::vector<Compared> results;
    for (const auto& [walk, steps] : complete_pairs(rows.size())) {
      for (size_t i = 0; i < rows.size(); ++i) {
        results.push_back(done_.at({walk, steps, static_cast<int64_t>(i)}));
      }
    }
    return results;
  }

 private:
  static Key key_of(const Compared& c) { return {c.walk, c.steps, c.index}; }

  /// All pairs that this and earlier runs of the folder ask for, or without a folder those of the
  /// options. Pairs with the same sampler follow each other.
  std::vector<Pair> all_pairs() const {
    if (folder_ == nullptr) return options_.pairs;
    std::vector<Pair> all;
    for (const auto& pair : folder_->settings().at("pairs")) {
      all.push_back({pair.at(0).get<std::string>(), pair.at(1).get<int64_t>()});
    }
    return all;
  }

  std::vector<Pair> complete_pairs(size_t rows) const {
    const auto all = all_pairs();
    std::vector<std::string> walks;
    for (const auto& [walk, steps] : all) {
      if (std::find(walks.begin(), walks.end(), walk) == walks.end()) walks.push_back(walk);
    }
    std::vector<Pair> complete;
    for (const auto& walk : walks) {
      for (const auto& pair : all) {
        if (pair.walk == walk && is_done(walk, pair.steps, 0, rows)) complete.push_back(pair);
      }
    }
    return complete;
  }

  bool is_done(const std::string& walk, int64_t steps, int64_t first, size_t count) const {
    for (size_t i = 0; i < count; ++i) {
      if (!done_.contains({walk, steps, first + static_cast<int64_t>(i)})) return false;
    }
    return true;
  }

  void paint(const std::vector<Row>& rows, int64_t first) {
    std::vector<std::pair<size_t, Pair>> open;  // index among all pairs of the folder
    const auto all = all_pairs();
    for (size_t k = 0; k < all.size(); ++k) {
      const auto& pairs = options_.pairs;
      if (std::find(pairs.begin(), pairs.end(), all[k]) == pairs.end()) continue;
      if (!is_done(all[k].walk, all[k].steps, first, rows.size())) open.emplace_back(k, all[k]);
    }
    if (open.empty()) return;
    const auto total = static_cast<int64_t>(options_.prompts.size()) * options_.generate.count;
    const RunPlace place{.first = first, .total = total};
    const auto reference_options =
        with_walk(options_, options_.reference, options_.reference_steps);
    const auto reference = make_images(rows, reference_options, place);
    for (const auto& image : reference) save("reference", image, reference_options);
    for (const auto& [k, pair] : open) {
      const auto& [walk, steps] = pair;
      const auto options = with_walk(options_, walk, steps);
      const auto images = make_images(rows, options, place);
      const auto seconds = reuse_->seconds(options_.stage) / static_cast<double>(images.size());
      const auto evaluations = this->evaluations(options);
      const auto name = std::to_string(k + 1) + "-" + plain(walk) + "-" + std::to_string(steps);
      for (size_t i = 0; i < images.size(); ++i) {
        const auto& image = images[i];
        add({.walk = walk,
             .steps = steps,
             .evaluations = evaluations,
             .index = image.index,
             .prompt = image.prompt,
             .seed = image.seed,
             .score = scorer_.score(image),
             .psnr = psnr(measured(image, options_.stage, engine_.model().layout()),
                          measured(reference[i], options_.stage, engine_.model().layout())),
             .seconds = seconds,
             .picture = save(name, image, options)});
      }
    }
  }

  int64_t evaluations(const GenerateOptions& options) const {
    return engine_.evaluations(engine_.plan(options).stage(options_.stage));
  }

  std::vector<GeneratedImage> make_images(const std::vector<Row>& rows, GenerateOptions options,
                                          const RunPlace& place) {
    options.reuse = reuse_;
    options.batch_size = static_cast<int64_t>(rows.size());
    return engine_.make_images(rows, options, place);
  }

  void add(const Compared& c) {
    if (!done_.emplace(key_of(c), c).second) return;  // done before an interruption
    if (folder_ != nullptr) folder_->add(record_of(c));
  }

  /// Saves an image in the folder, and returns the name of its file; empty without a folder.
  std::string save(const std::string& name, const GeneratedImage& image,
                   const GenerateOptions& options) {
    if (folder_ == nullptr) return "";
    const auto file = "pictures/" + name + "-" + std::to_string(image.seed) + ".png";
    write_png(*folder_ / file, image.image, options_.describe(image, options),
              WriteMode::kOverwrite);
    return file;
  }

  Engine& engine_;
  StageReuse own_reuse_;
  StageReuse* reuse_ = &own_reuse_;
  Scorer& scorer_;
  const ComparisonOptions& options_;
  RunFolder* folder_;
  std::map<Key, Compared> done_;
};

}  // namespace

std::vector<Compared> compare(Engine& engine, Scorer& scorer, const ComparisonOptions& options,
                              RunFolder* folder) {
  return Comparison(engine, scorer, options, folder).run();
}

GenerateOptions with_walk(const ComparisonOptions& options, const std::string& walk,
                          int64_t steps) {
  auto generate = options.generate;
  auto& stage = generate.stages[options.stage];
  stage.walk = read_walk(walk);
  stage.steps = steps;
  return generate;
}

int64_t steps_within(int64_t evaluations, const std::string& walk, const std::string& stage,
                     const SchedulerSpec& scheduler) {
  auto parsed = read_walk(walk);
  const auto in_steps = [&](int64_t steps) {
    parsed.steps = steps;
    return evaluations_of(scheduler, parsed);
  };
  int64_t most = std::min(evaluations, scheduler.config.num_train_timesteps);
  int64_t least = 1;
  if (const auto one = in_steps(1); one > evaluations) {
    fail(stage_key(stage), " '", walk, "': expected a budget of ", one,
         " evaluations or more, got ", evaluations);
  }
  // in_steps(least) is within the budget; more steps never take fewer.
  while (least < most) {
    const auto middle = least + (most - least + 1) / 2;
    if (in_steps(middle) <= evaluations) {
      least = middle;
    } else {
      most = middle - 1;
    }
  }
  return least;
}

nlohmann::ordered_json comparison_settings(const ComparisonOptions& options,
                                           const ModelDir& model) {
  auto json = settings_json(options.generate, model);
  json["stage"] = stage_key(options.stage);
  json["pairs"] = nlohmann::ordered_json::array();
  for (const auto& [walk, steps] : options.pairs) json["pairs"].push_back({walk, steps});
  std::vector<std::string> samplers = {options.reference};
  for (const auto& pair : options.pairs) {
    if (std::find(samplers.begin(), samplers.end(), pair.walk) == samplers.end()) {
      samplers.push_back(pair.walk);
    }
  }
  json["schedules"] = schedule_hashes(samplers);
  json["prompts"] = options.prompts;
  json["count"] = options.generate.count;
  json["seed"] = options.generate.seed;
  json["reference"] = options.reference;
  json["reference_steps"] = options.reference_steps;
  return json;
}

const std::vector<std::string>& comparison_growing() {
  static const std::vector<std::string> growing = {"pairs", "schedules"};
  return growing;
}

const RunFolder::Record& comparison_columns() {
  static const RunFolder::Record columns = {"walk",   "steps",   "evaluations", "index",
                                            "prompt", "seed",    "faithful",    "clip",
                                            "psnr",   "seconds", "picture"};
  return columns;
}

}  // namespace unclip::lab
