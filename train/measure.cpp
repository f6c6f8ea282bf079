#include "train/measure.h"

#include <ATen/ATen.h>

#include <array>
#include <cstdio>
#include <functional>
#include <nlohmann/json.hpp>

#include "engine/engine.h"
#include "image/resize.h"
#include "judge/look.h"
#include "judge/verdict.h"
#include "train/condition.h"
#include "train/sheet.h"
#include "train/statistics.h"

namespace unclip::train {
namespace {

using Json = nlohmann::ordered_json;

/// One of GenEval's questions, or all of them.
struct Question {
  const char* name;
  bool (*answer)(const judge::Verdict&);
};
constexpr std::array kQuestions = {
    Question{"right in everything", [](const judge::Verdict& v) { return v.right(); }},
    Question{"count", [](const judge::Verdict& v) { return v.count; }},
    Question{"shapes", [](const judge::Verdict& v) { return v.shapes; }},
    Question{"colours", [](const judge::Verdict& v) { return v.colours; }},
    Question{"attribution", [](const judge::Verdict& v) { return v.attribution; }},
    Question{"position", [](const judge::Verdict& v) { return v.position; }},
    Question{"sizes", [](const judge::Verdict& v) { return v.sizes; }},
    Question{"background", [](const judge::Verdict& v) { return v.background; }},
};

/// A kind of caption.
struct Kind {
  const char* name;
  world::Claim (*claim)(world::Random&);
};
constexpr std::array kKinds = {
    Kind{"one object, seen", [](world::Random& r) { return world::random_claim(r, 1); }},
    Kind{"two objects, seen", [](world::Random& r) { return world::random_claim(r, 2); }},
    Kind{"one object, held out",
         [](world::Random& r) { return world::random_held_out_claim(r, 1); }},
    Kind{"two objects, held out",
         [](world::Random& r) { return world::random_held_out_claim(r, 2); }},
};

Json count_json(const Count& count) {
  const auto [low, high] = wilson_interval(count);
  return {{"yes", count.yes}, {"of", count.of}, {"low", low}, {"high", high}};
}

/// The results for a kind of caption.
struct Cell {
  std::array<Count, kQuestions.size()> answers;
  Count judge_right;     // on rendered images
  Count judge_too_mild;  // accepts a caption with one wrong word for a rendered image
  double distance = 0;   // Frechet distance between generated and rendered images
};

class Measurement {
 public:
  explicit Measurement(const MeasureOptions& options)
      : options_(options),
        model_(Engine::load(options.model, {.device = options.device})),
        clip_(TrainOptions{.model = options.model, .device = options.device}) {}

  Cell measure(const Kind& kind) {
    world::Random random(options_.seed);
    std::vector<Example> examples;
    for (int64_t i = 0; i < options_.pictures; ++i) {
      examples.push_back(random_example(kind.claim(random), random));
    }
    Cell cell;
    judge_truth(examples, random, cell);
    judge_generated(kind, examples, cell);
    return cell;
  }

 private:
  static constexpr int64_t kSide = 128;

  void judge_truth(const std::vector<Example>& examples, world::Random& random, Cell& cell) {
    const auto truth = render_batch(examples, kSide);
    for (size_t i = 0; i < examples.size(); ++i) {
      const auto sighting = judge::look(truth[static_cast<int64_t>(i)]);
      cell.judge_right.add(
          judge::compare(sighting, judge::parse_request(examples[i].caption)).right());
      const auto wrong = world::plain_caption(world::one_word_wrong(examples[i].claim, random));
      cell.judge_too_mild.add(judge::compare(sighting, judge::parse_request(wrong)).right());
    }
  }

  void judge_generated(const Kind& kind, const std::vector<Example>& examples, Cell& cell) {
    std::vector<at::Tensor> embeddings;
    JudgedPictures sheet;
    auto generate = options_.generate;
    generate.seed = options_.seed;
    generate.batch_size = options_.batch_size;
    generate.on_image = [&](GeneratedImage&& image) {
      const auto verdict =
          judge::compare(judge::look(image.image), judge::parse_request(image.prompt));
      for (size_t q = 0; q < kQuestions.size(); ++q) {
        cell.answers[q].add(kQuestions[q].answer(verdict));
      }
      sheet.add(verdict.right(), {image.image});
      embeddings.push_back(embed(image.image.unsqueeze(0)));
      std::fprintf(stderr, "\r%s: %zu of %zu ", kind.name, embeddings.size(), examples.size());
    };
    model_.generate(captions(examples), generate);
    std::fprintf(stderr, "\n");
    cell.distance = frechet_distance(at::cat(embeddings), embed(render_batch(examples, kSide)));
    if (options_.sheets.empty()) return;
    std::string name = kind.name;
    std::erase(name, ',');
    std::replace(name.begin(), name.end(), ' ', '-');
    sheet.write(options_.sheets / (name + ".png"));
  }

  at::Tensor embed(const at::Tensor& pictures) {
    const auto side = clip_.image_size();
    return clip_.encode_image(resize_bicubic(pictures.to(options_.device), side, side).clamp(0, 1));
  }

  const MeasureOptions& options_;
  Engine model_;
  FrozenClip clip_;
};

void print_table(const std::vector<Cell>& cells) {
  std::printf("| |");
  for (const auto& kind : kKinds) std::printf(" %s |", kind.name);
  std::printf("\n| --- |");
  for (size_t i = 0; i < kKinds.size(); ++i) std::printf(" --- |");
  const auto row = [&](const char* name, const std::function<Count(const Cell&)>& count) {
    std::printf("\n| %s |", name);
    for (const auto& cell : cells) {
      const auto c = count(cell);
      const auto [low, high] = wilson_interval(c);
      std::printf(" %.1f %% (%.1f to %.1f) |", 100 * c.share(), 100 * low, 100 * high);
    }
  };
  for (size_t q = 0; q < kQuestions.size(); ++q) {
    row(kQuestions[q].name, [q](const Cell& cell) { return cell.answers[q]; });
  }
  row("judge: true renderings accepted", [](const Cell& cell) { return cell.judge_right; });
  row("judge: one word wrong, accepted", [](const Cell& cell) { return cell.judge_too_mild; });
  std::printf("\n| Frechet distance to true pictures |");
  for (const auto& cell : cells) std::printf(" %.3f |", cell.distance);
  std::printf("\n");
}

void print_json(const std::vector<Cell>& cells) {
  Json json;
  for (size_t k = 0; k < kKinds.size(); ++k) {
    Json& kind = json[kKinds[k].name];
    for (size_t q = 0; q < kQuestions.size(); ++q) {
      kind[kQuestions[q].name] = count_json(cells[k].answers[q]);
    }
    kind["judge: true renderings accepted"] = count_json(cells[k].judge_right);
    kind["judge: one word wrong, accepted"] = count_json(cells[k].judge_too_mild);
    kind["frechet distance"] = cells[k].distance;
  }
  std::printf("%s\n", json.dump(2).c_str());
}

}  // namespace

void measure(const MeasureOptions& options) {
  Measurement measurement(options);
  std::vector<Cell> cells;
  for (const auto& kind : kKinds) cells.push_back(measurement.measure(kind));
  options.json ? print_json(cells) : print_table(cells);
}

}  // namespace unclip::train
