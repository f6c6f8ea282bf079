#include "train/embedding_trial.h"

#include <ATen/ATen.h>

#include <algorithm>
#include <cmath>
#include <cstdio>

#include "image/png.h"
#include "judge/look.h"
#include "train/sheet.h"

namespace unclip::train {

EmbeddingTrial::EmbeddingTrial(const MeasureOptions& options)
    : options_(options),
      model_(Engine::load(options.model, {.text = true, .decoder = true, .image_encoder = true},
                          {.device = options.device})) {}

std::vector<Example> EmbeddingTrial::examples(world::Random& random, const DrawClaim& claim) const {
  std::vector<Example> examples;
  for (int64_t i = 0; i < options_.pictures; ++i) {
    examples.push_back(random_example(claim(random), random));
  }
  return examples;
}

std::vector<at::Tensor> EmbeddingTrial::pictures(const std::vector<Example>& examples) {
  std::vector<at::Tensor> pictures;
  for (const auto& picture : render_batch(examples, kSide).unbind()) {
    pictures.push_back(to_uint8(picture));
  }
  return pictures;
}

at::Tensor EmbeddingTrial::encode(const std::vector<Example>& examples) {
  std::vector<at::Tensor> z;
  for (const auto& picture : pictures(examples)) z.push_back(model_.encode_images({picture}));
  return at::cat(z);
}

Embeddings EmbeddingTrial::rows(const at::Tensor& z) const {
  Embeddings rows;
  rows.image_embedding = z;
  for (int64_t i = 0; i < z.size(0); ++i) {
    rows.origins.push_back({.seed = options_.seed + static_cast<uint64_t>(i)});
  }
  return rows;
}

Count EmbeddingTrial::judged(const std::string& name, const Embeddings& rows,
                             GenerateOptions generate,
                             const std::vector<std::vector<Example>>& sources,
                             const std::function<bool(size_t, const judge::Sighting&)>& judge) {
  Count count;
  JudgedPictures sheet;
  generate.batch_size = options_.batch_size;
  generate.on_progress = progress(name);
  generate.on_image = [&](GeneratedImage&& image) {
    const auto i = static_cast<size_t>(image.index);
    const bool right = judge(i, judge::look(image.image));
    count.add(right);
    std::vector<at::Tensor> group;
    for (const auto& source : sources) group.push_back(render_batch({source[i]}, kSide)[0]);
    group.push_back(image.image);
    sheet.add(right, group);
  };
  model_.decode(rows, generate);
  std::fprintf(stderr, "\n");
  if (!options_.sheets.empty()) sheet.write(options_.sheets / (name + ".png"));
  return count;
}

OnProgress EmbeddingTrial::progress(const std::string& work) const {
  return [work](const Progress& p) {
    std::fprintf(stderr, "\r%s: %ld of %ld ", work.c_str(),
                 static_cast<long>(p.first_image + p.images), static_cast<long>(p.total_images));
    return true;
  };
}

bool same_places(const judge::Sighting& before, const judge::Sighting& now, judge::Colour colour) {
  if (before.objects.size() != now.objects.size()) return false;
  return std::all_of(before.objects.begin(), before.objects.end(), [&](const judge::Seen& was) {
    return std::any_of(now.objects.begin(), now.objects.end(), [&](const judge::Seen& is) {
      const auto wanted = colour == judge::Colour::kUnknown ? was.colour : colour;
      return is.shape == was.shape && is.colour == wanted &&
             std::hypot(is.x - was.x, is.y - was.y) < kSamePlace;
    });
  });
}

}  // namespace unclip::train
