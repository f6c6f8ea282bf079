#include "train/batch.h"

#include <ATen/ATen.h>
#include <ATen/Parallel.h>

namespace unclip::train {

Example random_example(const world::Claim& claim, world::Random& random) {
  return {.claim = claim,
          .scene = world::random_scene(claim, random),
          .caption = world::caption(claim, random)};
}

std::vector<Example> random_examples(int64_t count, world::Random& random) {
  std::vector<Example> examples;
  for (int64_t i = 0; i < count; ++i) {
    examples.push_back(random_example(world::random_claim(random), random));
  }
  return examples;
}

at::Tensor render_batch(const std::vector<Example>& examples, int64_t size) {
  const auto count = static_cast<int64_t>(examples.size());
  auto pictures = at::empty({count, 3, size, size});
  auto* pixels = pictures.data_ptr<float>();
  at::parallel_for(0, count, 1, [&](int64_t begin, int64_t end) {
    for (int64_t i = begin; i < end; ++i) {
      world::render(examples[static_cast<size_t>(i)].scene, static_cast<int>(size),
                    pixels + i * 3 * size * size);
    }
  });
  return pictures;
}

world::Claim claim_of(const world::Scene& scene) {
  world::Claim claim;
  for (const auto& object : scene.objects) {
    claim.objects.push_back({object.shape, object.colour, object.size});
  }
  claim.background = scene.background;
  if (scene.objects.size() < 2) return claim;
  switch (world::place(scene.objects[0], scene.objects[1])) {
    case world::kAtLeft:
      claim.relation = world::Relation::kLeftOf;
      break;
    case world::kAtRight:
      claim.relation = world::Relation::kRightOf;
      break;
    case world::kAtTop:
      claim.relation = world::Relation::kAbove;
      break;
    case world::kAtBottom:
      claim.relation = world::Relation::kBelow;
      break;
  }
  return claim;
}

TokenBatch tokenize(const Tokenizer& tokenizer, const std::vector<std::string>& texts,
                    int64_t length) {
  const auto count = static_cast<int64_t>(texts.size());
  auto ids = at::empty({count, length}, at::kLong);
  auto mask = at::empty({count, length}, at::kFloat);
  for (int64_t i = 0; i < count; ++i) {
    const auto tokens = tokenizer.encode(texts[static_cast<size_t>(i)], length);
    std::copy(tokens.ids.begin(), tokens.ids.end(), ids.data_ptr<int64_t>() + i * length);
    std::copy(tokens.mask.begin(), tokens.mask.end(), mask.data_ptr<float>() + i * length);
  }
  return {ids, mask};
}

std::vector<std::string> captions(const std::vector<Example>& examples) {
  std::vector<std::string> texts;
  for (const auto& example : examples) texts.push_back(example.caption);
  return texts;
}

at::Tensor normalise_pixels(const at::Tensor& pictures) {
  const auto constants = [&](std::initializer_list<double> values) {
    return at::tensor(std::vector<double>(values), pictures.options()).view({1, 3, 1, 1});
  };
  return (pictures - constants({0.48145466, 0.4578275, 0.40821073})) /
         constants({0.26862954, 0.26130258, 0.27577711});
}

}  // namespace unclip::train
