#include "weights/npy.h"

#include <bit>
#include <charconv>
#include <cstring>
#include <optional>

#include "base/error.h"
#include "kernels/tensor.h"

namespace unclip {
namespace {

static_assert(std::endian::native == std::endian::little, "arrays are little-endian");

constexpr std::string_view kMagic = "\x93NUMPY";
constexpr size_t kAlignment = 64;
constexpr size_t kMostDimensions = 8;

/// The content of the header's dictionary.
struct NpyHeader {
  std::string descr;
  std::string fortran_order;
  std::vector<int64_t> shape;
};

/// Reads the Python dictionary of a header: its three keys in any order, nothing else.
class NpyHeaderReader {
 public:
  NpyHeaderReader(std::string_view text, const std::string& name) : rest_(text), name_(name) {}

  NpyHeader read() {
    NpyHeader header;
    bool has_shape = false;
    expect("{");
    while (!take("}")) {
      const auto key = quoted();
      expect(":");
      if (key == "descr") {
        header.descr = quoted();
      } else if (key == "fortran_order") {
        header.fortran_order = take("True") ? "True" : take("False") ? "False" : "";
      } else if (key == "shape") {
        header.shape = shape();
        has_shape = true;
      } else {
        refuse();
      }
      if (!take(",")) {
        expect("}");
        break;
      }
    }
    if (header.descr.empty() || header.fortran_order.empty() || !has_shape) refuse();
    return header;
  }

 private:
  [[noreturn]] void refuse() const {
    fail(name_, ": its header is no dictionary of 'descr', 'fortran_order' and 'shape'");
  }
  void skip_space() {
    while (!rest_.empty() && (rest_[0] == ' ' || rest_[0] == '\n')) rest_.remove_prefix(1);
  }
  bool take(std::string_view word) {
    skip_space();
    if (!rest_.starts_with(word)) return false;
    rest_.remove_prefix(word.size());
    return true;
  }
  void expect(std::string_view word) {
    if (!take(word)) refuse();
  }
  std::string quoted() {
    skip_space();
    if (rest_.empty() || (rest_[0] != '\'' && rest_[0] != '"')) refuse();
    const auto end = rest_.find(rest_[0], 1);
    if (end == rest_.npos) refuse();
    const std::string text(rest_.substr(1, end - 1));
    rest_.remove_prefix(end + 1);
    return text;
  }
  std::vector<int64_t> shape() {
    std::vector<int64_t> sizes;
    expect("(");
    while (!take(")")) {
      skip_space();
      int64_t size = 0;
      const auto [end, error] = std::from_chars(rest_.data(), rest_.data() + rest_.size(), size);
      if (error != std::errc() || size < 0 || sizes.size() == kMostDimensions) refuse();
      rest_.remove_prefix(static_cast<size_t>(end - rest_.data()));
      sizes.push_back(size);
      if (!take(",")) {
        expect(")");
        break;
      }
    }
    return sizes;
  }

  std::string_view rest_;
  const std::string& name_;
};

/// Removes the header from the front of `bytes`, and returns the text of its dictionary.
std::string_view take_header(std::string_view& bytes, const std::string& name) {
  const size_t major =
      bytes.size() > kMagic.size() ? static_cast<uint8_t>(bytes[kMagic.size()]) : 0;
  if (major < 1 || major > 3) {
    fail(name, ": is version ", major, " of a .npy file; 1 to 3 are read");
  }
  const size_t length_word = major == 1 ? 2 : 4;
  const size_t begin = kMagic.size() + 2 + length_word;
  uint32_t length = 0;
  if (bytes.size() >= begin) std::memcpy(&length, &bytes[kMagic.size() + 2], length_word);
  if (bytes.size() < begin || bytes.size() - begin < length) {
    fail(name, ": ends within its header; the file may be cut short");
  }
  const auto header = bytes.substr(begin, length);
  bytes.remove_prefix(begin + length);
  return header;
}

at::ScalarType scalar_type(const NpyHeader& header, const std::string& name) {
  if (header.descr == "<f2") return at::kHalf;
  if (header.descr == "<f4") return at::kFloat;
  if (header.descr == "<f8") return at::kDouble;
  fail(name, ": 'descr': expected one of '<f2', '<f4', '<f8', got '", header.descr, "'");
}

/// The number of bytes of an array of these sizes; nothing if no file could hold it.
std::optional<size_t> byte_count(const std::vector<int64_t>& shape, size_t element_size) {
  size_t count = element_size;
  for (const auto size : shape) {
    if (__builtin_mul_overflow(count, static_cast<size_t>(size), &count)) return std::nullopt;
  }
  return count;
}

}  // namespace

bool is_npy(std::string_view bytes) { return bytes.starts_with(kMagic); }

at::Tensor parse_npy(std::string_view bytes, const std::string& name) {
  if (!is_npy(bytes)) fail(name, ": is no .npy file");
  const auto header = NpyHeaderReader(take_header(bytes, name), name).read();
  const auto type = scalar_type(header, name);
  if (header.fortran_order == "True" && header.shape.size() > 1) {
    fail(name, ": 'fortran_order': expected False, got True");
  }
  const auto wanted = byte_count(header.shape, at::elementSize(type));
  if (wanted != bytes.size()) {
    fail(name, ": holds ", bytes.size(), " bytes of numbers, which is not what its 'shape' ",
         at::IntArrayRef(header.shape), " needs");
  }
  auto array = ops::empty(header.shape, type);
  if (!bytes.empty()) std::memcpy(array.mutable_data_ptr(), bytes.data(), bytes.size());
  return array;
}

std::string npy_bytes(const at::Tensor& x) {
  const auto values = x.detach().to(at::kCPU, at::kFloat).contiguous();
  std::string shape;
  for (const auto size : values.sizes()) shape += std::to_string(size) + ", ";
  if (values.dim() > 1) shape.resize(shape.size() - 2);
  if (values.dim() == 1) shape.resize(shape.size() - 1);
  auto header = "{'descr': '<f4', 'fortran_order': False, 'shape': (" + shape + "), }";
  const size_t before = kMagic.size() + 4;
  header.append(kAlignment - 1 - (before + header.size()) % kAlignment, ' ');
  header += '\n';

  std::string bytes(kMagic);
  bytes += {'\x01', '\x00', static_cast<char>(header.size() & 0xff),
            static_cast<char>(header.size() >> 8)};
  bytes += header;
  bytes.append(static_cast<const char*>(values.const_data_ptr()), values.nbytes());
  return bytes;
}

}  // namespace unclip
