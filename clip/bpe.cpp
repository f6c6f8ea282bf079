#include "clip/bpe.h"

namespace unclip {
namespace {

bool is_visible_in_latin1(int byte) {
  constexpr int kSoftHyphen = 0xAD;
  return (byte > 0x20 && byte < 0x7F) || (byte > 0xA0 && byte != kSoftHyphen);
}

// U+0001 to U+07FF, which is as far as the symbols go.
std::string utf8(int code_point) {
  if (code_point < 0x80) return {static_cast<char>(code_point)};
  return {static_cast<char>(0xC0 | (code_point >> 6)),
          static_cast<char>(0x80 | (code_point & 0x3F))};
}

}  // namespace

const std::array<std::string, 256>& byte_symbols() {
  static const auto symbols = [] {
    std::array<std::string, 256> table;
    int next = 0x100;
    for (int byte = 0; byte < 256; ++byte) {
      table[byte] = utf8(is_visible_in_latin1(byte) ? byte : next++);
    }
    return table;
  }();
  return symbols;
}

const std::array<uint8_t, 256>& bytes_in_vocabulary_order() {
  static const auto order = [] {
    std::array<uint8_t, 256> bytes;
    size_t size = 0;
    for (const bool visible : {true, false}) {
      for (int byte = 0; byte < 256; ++byte) {
        if (is_visible_in_latin1(byte) == visible) bytes[size++] = static_cast<uint8_t>(byte);
      }
    }
    return bytes;
  }();
  return order;
}

std::vector<std::string> word_symbols(std::string_view word) {
  std::vector<std::string> symbols;
  for (const char c : word) symbols.push_back(byte_symbols()[static_cast<uint8_t>(c)]);
  if (!symbols.empty()) symbols.back() += kEndOfWord;
  return symbols;
}

}  // namespace unclip
