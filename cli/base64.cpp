#include "cli/base64.h"

#include <bit>
#include <cstring>
#include <string_view>
#include <vector>

#include "kernels/tensor.h"

namespace unclip::cli {
namespace {

static_assert(std::endian::native == std::endian::little);

constexpr std::string_view kDigits =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
constexpr size_t kMostDigits = size_t{1} << 26;

}  // namespace

std::string to_base64(const at::Tensor& x) {
  const auto values = x.to(at::kCPU, at::kFloat).contiguous();
  return to_base64(
      std::string_view(static_cast<const char*>(values.const_data_ptr()), values.nbytes()));
}

std::string to_base64(std::string_view bytes) {
  const auto size = bytes.size();
  std::string text;
  for (size_t i = 0; i < size; i += 3) {
    uint32_t group = 0;
    for (size_t k = 0; k < 3; ++k) {
      group = group << 8 | (i + k < size ? static_cast<unsigned char>(bytes[i + k]) : 0);
    }
    for (size_t k = 0; k < 4; ++k) {
      text += i + k <= size ? kDigits[group >> (18 - 6 * k) & 63] : '=';
    }
  }
  return text;
}

std::optional<at::Tensor> from_base64(std::string text) {
  while (!text.empty() && text.back() == '=') text.pop_back();
  if (text.size() > kMostDigits) return std::nullopt;
  std::vector<uint8_t> bytes;
  uint32_t group = 0;
  for (size_t i = 0; i < text.size(); ++i) {
    const auto digit = kDigits.find(text[i]);
    if (digit == kDigits.npos) return std::nullopt;
    group = group << 6 | static_cast<uint32_t>(digit);
    const size_t bits = 6 * (i + 1);
    if (bits / 8 > bytes.size()) bytes.push_back(static_cast<uint8_t>(group >> bits % 8));
  }
  if (bytes.empty() || bytes.size() % sizeof(float) != 0) return std::nullopt;
  auto x = ops::empty({static_cast<int64_t>(bytes.size() / sizeof(float))}, at::kFloat);
  std::memcpy(x.mutable_data_ptr(), bytes.data(), x.nbytes());
  return x;
}

}  // namespace unclip::cli
