#include "cli/image_difference.h"

#include "image/psnr.h"
#include "kernels/tensor.h"

namespace unclip::cli {
namespace {

constexpr int64_t kRounding = 1;  // of 255

}  // namespace

bool Difference::same() const { return same_size && (largest <= kRounding || psnr >= same_psnr); }

Difference difference(const at::Tensor& a, const at::Tensor& b) {
  if (a.sizes() != b.sizes()) return {.same_size = false};
  const auto apart = (a.to(at::kInt) - b.to(at::kInt)).abs();
  return {.largest = apart.max().item<int64_t>(),
          .values = apart.ne(0).sum().item<int64_t>(),
          .of = apart.numel(),
          .psnr = psnr(a.to(at::kFloat) / 255, b.to(at::kFloat) / 255)};
}

std::string in_words(const Difference& d) {
  if (!d.same_size) return "another image: its size differs";
  if (d.largest == 0) return "the same image, to the last bit";
  const auto size = "by at most " + std::to_string(d.largest) + " of 255, in " +
                    std::to_string(d.values) + " of " + std::to_string(d.of) + " values";
  const bool loss = d.same() && d.largest > kRounding;
  return std::string(loss       ? "the same image but for the file's loss: they differ "
                     : d.same() ? "the same image but for rounding: they differ "
                                : "another image: they differ ") +
         size;
}

}  // namespace unclip::cli
