#include "engine/best_of.h"

#include "embedding/similarity.h"
#include "image/png.h"
#include "kernels/tensor.h"

namespace unclip {

double clip_similarity(Engine& scorer, const GeneratedImage& image) {
  const auto z = scorer.encode_images({to_uint8(image.image)});  // (1, D), as of the file
  const auto text = image.text_embedding.to(at::kCPU, at::kFloat).unsqueeze(0);
  return cosines(z, text).item<double>();
}

BestOf::BestOf(Engine scorer, int64_t n, std::function<void(GeneratedImage&&)> give)
    : scorer_(std::move(scorer)), n_(n), give_(std::move(give)) {
  TORCH_CHECK(n > 0, "BestOf: n is ", n);
}

void BestOf::add(GeneratedImage&& image) {
  image.clip_similarity = clip_similarity(scorer_, image);
  const bool first = count_ % n_ == 0;
  if (first || *image.clip_similarity > *best_.clip_similarity) best_ = std::move(image);
  if (++count_ % n_ != 0) return;
  best_.index = count_ / n_ - 1;
  give_(std::move(best_));
}

}  // namespace unclip
