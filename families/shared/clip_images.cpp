#include "families/shared/clip_images.h"

#include "kernels/accelerator.h"
#include "kernels/tensor.h"

namespace unclip {

ClipImages::ClipImages(Memory& memory, const std::string& part, const ClipVisionConfig& config,
                       const ImageProcessorConfig& processor)
    : memory_(memory), processor_(processor), encoder_(memory, part, config) {}

at::Tensor ClipImages::embeddings(const std::vector<at::Tensor>& images) {
  std::vector<at::Tensor> pixels;
  for (const auto& image : images) pixels.push_back(preprocess(image, processor_));
  return embeddings_of_pixels(ops::stack(pixels));
}

at::Tensor ClipImages::embeddings_of_pixels(const at::Tensor& pixels) {
  memory_.hold({&encoder_});
  const auto batch = to_device(pixels, memory_.options().device).to(memory_.options().dtype);
  return encoder_.get()->forward(batch).to(at::kFloat);
}

}  // namespace unclip
