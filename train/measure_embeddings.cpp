#include <ATen/ATen.h>

#include <array>
#include <cstdio>

#include "image/png.h"
#include "judge/verdict.h"
#include "pipeline/embedding_pipeline.h"
#include "pipeline/similarity.h"
#include "train/batch.h"
#include "train/look.h"
#include "train/measure.h"
#include "train/sheet.h"
#include "train/statistics.h"

namespace unclip::train {
namespace {

constexpr int64_t kSide = 128;
constexpr size_t kMostOnASheet = 32;  // pairs

class EmbeddingMeasurement {
 public:
  explicit EmbeddingMeasurement(const MeasureOptions& options)
      : options_(options),
        model_(EmbeddingPipeline::load(options.model,
                                       {.text = true, .decoder = true, .image_encoder = true},
                                       {.device = options.device})) {}

  /// How often a true picture that is encoded and decoded, without a prompt, shows the same.
  std::vector<Figure> variations() {
    world::Random random(options_.seed);
    const auto examples = random_examples(options_.pictures, random);
    const auto truth = render_batch(examples, kSide);
    Embeddings rows;
    std::vector<at::Tensor> embeddings;
    for (int64_t i = 0; i < options_.pictures; ++i) {
      embeddings.push_back(model_.encode_pictures({to_uint8(truth[i])}));
      rows.origins.push_back({.seed = options_.seed + static_cast<uint64_t>(i)});
    }
    rows.image_embedding = at::cat(embeddings);

    std::vector<Figure> figures = {{"variation: shape, colour and place", {}},
                                   {"variation: sizes, too", {}},
                                   {"variation: everything", {}}};
    GenerateOptions generate{.batch_size = options_.batch_size};
    generate.on_image = [&](GeneratedImage&& image) {
      const auto& scene = examples[static_cast<size_t>(image.index)].scene;
      const auto request = judge::parse_request(world::plain_caption(claim_of(scene)));
      const auto v = judge::compare(look(image.image), request);
      const bool kept = v.count && v.attribution && v.position;
      figures[0].count.add(kept);
      figures[1].count.add(kept && v.sizes);
      figures[2].count.add(v.right());
      keep_for_sheet(truth[image.index], image.image, v.right());
      std::fprintf(stderr, "\rvariations: %ld of %ld ", static_cast<long>(image.index + 1),
                   static_cast<long>(options_.pictures));
    };
    model_.decode(rows, generate);
    std::fprintf(stderr, "\n");
    return figures;
  }

  /// How often a true picture of one object is given its own of the 48 labels "a COLOUR SHAPE".
  Figure zero_shot() {
    std::vector<std::string> labels;
    std::vector<world::Claim> claims;
    for (int shape = 0; shape < world::kShapes; ++shape) {
      for (int colour = 0; colour < world::kColours; ++colour) {
        world::Claim claim;
        claim.objects.push_back(
            {static_cast<world::Shape>(shape), static_cast<world::Colour>(colour), std::nullopt});
        claims.push_back(claim);
        labels.push_back(world::plain_caption(claim));
      }
    }
    const auto texts = label_embeddings(labels, {"{}"}, [&](const std::vector<std::string>& each) {
      return model_.encode_texts(each);
    });
    world::Random random(options_.seed);
    Figure figure{"zero-shot: shape and colour of one object, of 48", {}};
    for (int64_t i = 0; i < options_.pictures; ++i) {
      const auto wanted = i % static_cast<int64_t>(claims.size());
      const auto example = random_example(claims[static_cast<size_t>(wanted)], random);
      const auto z = model_.encode_pictures({to_uint8(render_batch({example}, kSide)[0])});
      figure.count.add(cosines(z, texts).argmax().item<int64_t>() == wanted);
    }
    return figure;
  }

  /// True pictures, each with its variation to the right; those judged wrong first.
  void write_sheets() const {
    if (options_.sheets.empty()) return;
    auto pairs = wrong_;
    pairs.insert(pairs.end(), right_.begin(), right_.end());
    pairs.resize(std::min(pairs.size(), 2 * kMostOnASheet));
    std::filesystem::create_directories(options_.sheets);
    write_sheet(options_.sheets / "variations.png", pairs);
  }

 private:
  void keep_for_sheet(const at::Tensor& truth, const at::Tensor& painted, bool right) {
    auto& pairs = right ? right_ : wrong_;
    pairs.insert(pairs.end(), {truth, painted});
  }

  const MeasureOptions& options_;
  EmbeddingPipeline model_;
  std::vector<at::Tensor> right_, wrong_;
};

}  // namespace

void measure_embeddings(const MeasureOptions& options) {
  EmbeddingMeasurement measurement(options);
  auto figures = measurement.variations();
  figures.push_back(measurement.zero_shot());
  measurement.write_sheets();
  print_figures(figures, options.json);
}

}  // namespace unclip::train
