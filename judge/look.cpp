#include "judge/look.h"

#include "kernels/tensor.h"

namespace unclip::judge {

Sighting look(const at::Tensor& image) {
  const auto pixels = image.contiguous();
  return look({.width = static_cast<int>(pixels.size(2)),
               .height = static_cast<int>(pixels.size(1)),
               .rgb_chw = pixels.data_ptr<float>()});
}

}  // namespace unclip::judge
