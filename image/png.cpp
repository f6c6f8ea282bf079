#include "image/png.h"

#include "base/error.h"
#include "kernels/tensor.h"

#define STB_IMAGE_WRITE_IMPLEMENTATION
#define STB_IMAGE_WRITE_STATIC
#define STBI_WRITE_NO_STDIO
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wunused-function"
#include <stb_image_write.h>
#pragma GCC diagnostic pop

namespace unclip {
namespace {

void append_bytes(void* png, void* bytes, int size) {
  static_cast<std::string*>(png)->append(static_cast<const char*>(bytes),
                                         static_cast<size_t>(size));
}

}  // namespace

at::Tensor to_uint8(const at::Tensor& image) {
  TORCH_CHECK(image.dim() == 3 && image.size(0) == 3, "to_uint8: expected an image (3, H, W), got ",
              image.sizes());
  if (image.scalar_type() == at::kByte) return image.to(at::kCPU);
  const auto x = image.detach().to(at::kCPU, at::kFloat);
  if (x.isnan().any().item<bool>()) {
    fail("the picture holds values that are not numbers; another dtype may help");
  }
  return (x.clamp(0, 1) * 255).round().to(at::kByte);
}

std::vector<uint8_t> to_8bit(const at::Tensor& image) {
  const auto bytes = to_uint8(image).permute({1, 2, 0}).contiguous();
  const auto* first = bytes.const_data_ptr<uint8_t>();  // (H, W, 3)
  return {first, first + bytes.numel()};
}

std::string encode_png(const at::Tensor& image, const std::vector<PngText>& texts) {
  const auto bytes = to_8bit(image);
  const auto height = static_cast<int>(image.size(1));
  const auto width = static_cast<int>(image.size(2));
  std::string png;
  const int ok = stbi_write_png_to_func(append_bytes, &png, width, height, /*comp=*/3, bytes.data(),
                                        /*stride_in_bytes=*/3 * width);
  TORCH_CHECK(ok != 0, "encode_png: an image of ", image.sizes(), " cannot be encoded");
  return with_texts(png, texts);
}

std::filesystem::path write_png(const std::filesystem::path& path, const at::Tensor& image,
                                const std::vector<PngText>& texts, WriteMode mode) {
  return write_file(path, encode_png(image, texts), mode);
}

}  // namespace unclip
