#include "weights/safetensors.h"

#include <bit>
#include <cstring>

#include "base/error.h"
#include "weights/safetensors_header.h"

namespace unclip {
namespace {

static_assert(std::endian::native == std::endian::little, "safetensors files are little-endian");

constexpr uint64_t kLengthWord = 8;
constexpr uint64_t kMaxHeader = 100'000'000;  // as in the reference implementation

}  // namespace

TensorFileContent parse_safetensors(std::string_view bytes, const std::string& file) {
  if (bytes.size() < kLengthWord) {
    fail(file, ": has ", bytes.size(), " bytes, too few for a safetensors file");
  }
  uint64_t length = 0;
  std::memcpy(&length, bytes.data(), kLengthWord);
  if (length > kMaxHeader) {
    fail(file, ": its header would have ", length, " bytes; at most ", kMaxHeader,
         " are allowed, so it is not a safetensors file");
  }
  if (length > bytes.size() - kLengthWord) {
    fail(file, ": its header would have ", length, " bytes, but only ", bytes.size() - kLengthWord,
         " follow; the file may be cut short");
  }
  TensorFileContent content;
  content.format = "safetensors";
  content.head_end = content.data_begin = kLengthWord + length;
  auto header = parse_safetensors_header(bytes.substr(kLengthWord, length),
                                         bytes.size() - content.data_begin, file);
  content.entries = std::move(header.entries);
  content.metadata = std::move(header.metadata);
  return content;
}

}  // namespace unclip
