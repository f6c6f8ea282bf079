#include <ATen/ATen.h>

#include <algorithm>
#include <array>
#include <cstdio>
#include <nlohmann/json.hpp>

#include "engine/engine.h"
#include "image/resize.h"
#include "judge/picturebook/verdict.h"
#include "train/condition.h"
#include "train/measure.h"
#include "train/sheet.h"
#include "train/statistics.h"
#include "world/picturebook/caption.h"
#include "world/picturebook/claims.h"
#include "world/picturebook/render.h"

namespace unclip::train {
namespace {

namespace book = world::picturebook;
namespace judging = judge::picturebook;
using Json = nlohmann::ordered_json;

struct BookQuestion {
  const char* name;
  bool (*answer)(const judging::Verdict&);
};
constexpr std::array kBookQuestions = {
    BookQuestion{"right in everything", [](const judging::Verdict& v) { return v.right(); }},
    BookQuestion{"count", [](const judging::Verdict& v) { return v.count; }},
    BookQuestion{"kinds", [](const judging::Verdict& v) { return v.kinds; }},
    BookQuestion{"position", [](const judging::Verdict& v) { return v.position; }},
    BookQuestion{"sizes", [](const judging::Verdict& v) { return v.sizes; }},
    BookQuestion{"background", [](const judging::Verdict& v) { return v.background; }},
};

/// A kind of caption.
struct BookCell {
  const char* name;
  book::Subject subject;
  bool held_out;
};
constexpr std::array kCells = {
    BookCell{"one object, seen", book::Subject::kOne, false},
    BookCell{"two objects, seen", book::Subject::kTwo, false},
    BookCell{"two to four of a kind, seen", book::Subject::kCount, false},
    BookCell{"solids, seen", book::Subject::kSolids, false},
    BookCell{"one object, held out", book::Subject::kOne, true},
    BookCell{"two objects, held out", book::Subject::kTwo, true},
    BookCell{"three of a kind, held out", book::Subject::kCount, true},
    BookCell{"solids, held out", book::Subject::kSolids, true},
};

struct BookExample {
  book::Claim claim;
  book::Scene scene;
};

judging::Sighting look(const at::Tensor& image) {
  const auto pixels = image.to(at::kCPU, at::kFloat).contiguous();
  return judging::look({static_cast<int>(pixels.size(2)), static_cast<int>(pixels.size(1)),
                        pixels.data_ptr<float>()});
}

class BookMeasurement {
 public:
  explicit BookMeasurement(const MeasureOptions& options)
      : options_(options),
        model_(Engine::load(options.model, {.device = options.device})),
        clip_(TrainOptions{.model = options.model, .device = options.device}) {}

  Json measure(const BookCell& cell) {
    world::Random random(options_.seed);
    std::vector<BookExample> examples;
    for (int64_t i = 0; i < options_.pictures; ++i) {
      const auto claim = cell.held_out ? book::random_held_out_claim(random, cell.subject)
                                       : book::random_claim(random, cell.subject);
      examples.push_back({claim, book::random_scene(claim, random)});
    }
    Json figures;
    judge_painted(cell, examples, random, figures);
    judge_truth(examples, random, figures);
    return figures;
  }

 private:
  static constexpr int64_t kSide = 256;

  static Json count_json(const Count& count) {
    const auto [low, high] = wilson_interval(count);
    return {{"yes", count.yes}, {"of", count.of}, {"low", low}, {"high", high}};
  }

  void judge_painted(const BookCell& cell, const std::vector<BookExample>& examples,
                     world::Random& random, Json& figures) {
    std::vector<std::string> prompts;
    for (const auto& example : examples) prompts.push_back(book::caption(example.claim, random));
    std::array<Count, kBookQuestions.size()> answers;
    std::vector<at::Tensor> embeddings;
    JudgedPictures sheet;
    auto generate = options_.generate;
    generate.seed = options_.seed;
    generate.batch_size = options_.batch_size;
    generate.on_image = [&](GeneratedImage&& image) {
      const auto verdict =
          judging::compare(look(image.image), judging::parse_request(image.prompt));
      for (size_t q = 0; q < kBookQuestions.size(); ++q) {
        answers[q].add(kBookQuestions[q].answer(verdict));
      }
      sheet.add(verdict.right(), {image.image});
      embeddings.push_back(embed(image.image.unsqueeze(0)));
      std::fprintf(stderr, "\r%s: %zu of %zu ", cell.name, embeddings.size(), examples.size());
    };
    model_.generate(prompts, generate);
    std::fprintf(stderr, "\n");
    for (size_t q = 0; q < kBookQuestions.size(); ++q) {
      figures[kBookQuestions[q].name] = count_json(answers[q]);
    }
    figures["frechet distance"] = frechet_distance(at::cat(embeddings), embed(render(examples)));
    if (options_.sheets.empty()) return;
    std::string name = cell.name;
    std::erase(name, ',');
    std::replace(name.begin(), name.end(), ' ', '-');
    sheet.write(options_.sheets / (name + ".png"));
  }

  void judge_truth(const std::vector<BookExample>& examples, world::Random& random, Json& figures) {
    Count right, too_mild;
    const auto truth = render(examples);
    for (size_t i = 0; i < examples.size(); ++i) {
      const auto sighting = look(truth[static_cast<int64_t>(i)]);
      const auto accepts = [&](const book::Claim& claim) {
        return judging::compare(sighting, judging::parse_request(book::caption(claim, random)))
            .right();
      };
      right.add(accepts(examples[i].claim));
      too_mild.add(accepts(book::one_word_wrong(examples[i].claim, random)));
    }
    figures["judge: true renderings accepted"] = count_json(right);
    figures["judge: one word wrong, accepted"] = count_json(too_mild);
  }

  static at::Tensor render(const std::vector<BookExample>& examples) {
    auto images = at::empty({static_cast<int64_t>(examples.size()), 3, kSide, kSide});
    auto* pixels = images.data_ptr<float>();
    for (const auto& example : examples) {
      book::render(example.scene, kSide, pixels);
      pixels += 3 * kSide * kSide;
    }
    return images;
  }

  at::Tensor embed(const at::Tensor& images) {
    const auto side = clip_.image_size();
    return clip_.encode_image(resize_bicubic(images.to(options_.device), side, side).clamp(0, 1));
  }

  const MeasureOptions& options_;
  Engine model_;
  FrozenClip clip_;
};

void print_book_table(const Json& cells) {
  std::printf("| |");
  for (const auto& cell : kCells) std::printf(" %s |", cell.name);
  std::printf("\n| --- |");
  for (size_t i = 0; i < kCells.size(); ++i) std::printf(" --- |");
  for (const auto& [figure, first] : cells.at(kCells[0].name).items()) {
    std::printf("\n| %s |", figure.c_str());
    for (const auto& cell : kCells) {
      const Json& value = cells.at(cell.name).at(figure);
      if (value.is_number()) {
        std::printf(" %.3f |", value.get<double>());
        continue;
      }
      std::printf(" %.1f %% (%.1f to %.1f) |",
                  100.0 * value.at("yes").get<double>() / value.at("of").get<double>(),
                  100 * value.at("low").get<double>(), 100 * value.at("high").get<double>());
    }
  }
  std::printf("\n");
}

}  // namespace

void measure_picturebook(const MeasureOptions& options) {
  BookMeasurement measurement(options);
  Json cells;
  for (const auto& cell : kCells) cells[cell.name] = measurement.measure(cell);
  if (options.json) {
    std::printf("%s\n", cells.dump(2).c_str());
  } else {
    print_book_table(cells);
  }
}

}  // namespace unclip::train
