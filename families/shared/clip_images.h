#pragma once

#include <string>
#include <vector>

#include "clip/image_encoder.h"
#include "pipeline/network_slot.h"
#include "pipeline/preprocess.h"

namespace unclip {

/// The CLIP image encoder of a model, and the preprocessing of its images.
class ClipImages {
 public:
  /// `part` holds the weights.
  ClipImages(Memory& memory, const std::string& part, const ClipVisionConfig& config,
             const ImageProcessorConfig& processor);

  /// images, each uint8 (3, H, W) of any size -> (N, D) float32
  at::Tensor embeddings(const std::vector<at::Tensor>& images);
  /// pixels (N, 3, image_size, image_size), preprocessed -> (N, D) float32
  at::Tensor embeddings_of_pixels(const at::Tensor& pixels);

 private:
  Memory& memory_;
  ImageProcessorConfig processor_;
  NetworkSlot<ImageEncoder, ClipVisionConfig> encoder_;
};

}  // namespace unclip
