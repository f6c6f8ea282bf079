#include "clip/unicode.h"

#include <unicode/normalizer2.h>
#include <unicode/uchar.h>
#include <unicode/uniset.h>
#include <unicode/unistr.h>
#include <unicode/utf8.h>

#include <algorithm>
#include <iterator>

#include "base/error.h"

namespace unclip {
namespace {

struct Range {
  char32_t first, last;
};

// A range of capitals, one at every `stride`-th code point, and the distance to their small
// letters.
struct Capitals {
  char32_t first, last;
  int32_t to_lower;
  char32_t stride;
};

// Characters that Unicode has assigned between version 15.0 and the reference's versions.
constexpr Range kNewLetters[] = {
    {0x1C89, 0x1C8A},   {0xA7CB, 0xA7CD},   {0xA7DA, 0xA7DC},   {0x105C0, 0x105F3},
    {0x10D4A, 0x10D65}, {0x10D6F, 0x10D85}, {0x10EC2, 0x10EC4}, {0x11380, 0x11389},
    {0x1138B, 0x1138B}, {0x1138E, 0x1138E}, {0x11390, 0x113B5}, {0x113B7, 0x113B7},
    {0x113D1, 0x113D1}, {0x113D3, 0x113D3}, {0x11BC0, 0x11BE0}, {0x13460, 0x143FA},
    {0x16100, 0x1611D}, {0x16D40, 0x16D6C}, {0x18CFF, 0x18CFF}, {0x1E5D0, 0x1E5ED},
    {0x1E5F0, 0x1E5F0}, {0x2EBF0, 0x2EE5D}};
constexpr Range kNewNumbers[] = {{0x10D40, 0x10D49}, {0x116D0, 0x116E3}, {0x11BF0, 0x11BF9},
                                 {0x16130, 0x16139}, {0x16D70, 0x16D79}, {0x1CCF0, 0x1CCF9},
                                 {0x1E5F1, 0x1E5FA}};
constexpr Range kNewMarks[] = {{0x897, 0x897},     {0x10D69, 0x10D6D}, {0x10EFC, 0x10EFC},
                               {0x113B8, 0x113C0}, {0x113C2, 0x113C2}, {0x113C5, 0x113C5},
                               {0x113C7, 0x113CA}, {0x113CC, 0x113D0}, {0x113D2, 0x113D2},
                               {0x113E1, 0x113E2}, {0x11F5A, 0x11F5A}, {0x1611E, 0x1612F},
                               {0x1E5EE, 0x1E5EF}};
constexpr Capitals kNewCapitals[] = {
    {0x1C89, 0x1C89, 1, 1},      {0xA7CB, 0xA7CB, 0x264 - 0xA7CB, 1},
    {0xA7CC, 0xA7CE, 1, 2},      {0xA7D2, 0xA7D4, 1, 2},
    {0xA7DA, 0xA7DA, 1, 1},      {0xA7DC, 0xA7DC, 0x19B - 0xA7DC, 1},
    {0x10D50, 0x10D65, 0x20, 1}, {0x16EA0, 0x16EB8, 0x1B, 1}};

bool is_new(char32_t c) {
  UVersionInfo age;  // all zero if the character is not assigned
  u_charAge(static_cast<UChar32>(c), age);
  return age[0] == 0 || age[0] > 15 || (age[0] == 15 && age[1] > 0);
}

template <size_t N>
bool contains(const Range (&ranges)[N], char32_t c) {
  const auto* range = std::lower_bound(std::begin(ranges), std::end(ranges), c,
                                       [](const Range& r, char32_t x) { return r.last < x; });
  return range != std::end(ranges) && range->first <= c;
}

bool has_category(char32_t c, uint32_t mask) {
  return (U_GET_GC_MASK(static_cast<UChar32>(c)) & mask) != 0;
}

bool has(char32_t c, UProperty property) {
  return u_hasBinaryProperty(static_cast<UChar32>(c), property);
}

char32_t lower(char32_t c) {
  if (c < 0x80) return c >= 'A' && c <= 'Z' ? c + ('a' - 'A') : c;
  if (!is_new(c)) return static_cast<char32_t>(u_tolower(static_cast<UChar32>(c)));
  for (const auto& run : kNewCapitals) {
    if (run.first <= c && c <= run.last && (c - run.first) % run.stride == 0) {
      return c + run.to_lower;
    }
  }
  return c;
}

void check(UErrorCode status) {
  if (U_FAILURE(status)) fail("ICU: ", u_errorName(status));
}

const icu::Normalizer2& normalizer() {
  static const auto* const instance = [] {
    UErrorCode status = U_ZERO_ERROR;
    const auto* latest = icu::Normalizer2::getNFCInstance(status);
    auto* known = new icu::UnicodeSet(u"[:age=9.0:]", status);
    check(status);
    known->freeze();
    return new icu::FilteredNormalizer2(*latest, *known);
  }();
  return *instance;
}

}  // namespace

std::optional<std::u32string> from_utf8(std::string_view bytes) {
  std::u32string text;
  text.reserve(bytes.size());
  for (size_t i = 0; i < bytes.size();) {
    UChar32 c;
    U8_NEXT(bytes.data(), i, bytes.size(), c);
    if (c < 0) return std::nullopt;
    text.push_back(static_cast<char32_t>(c));
  }
  return text;
}

std::string to_utf8(std::u32string_view text) {
  std::string bytes;
  for (const auto c : text) {
    char buffer[U8_MAX_LENGTH];
    size_t size = 0;
    U8_APPEND_UNSAFE(buffer, size, static_cast<uint32_t>(c));
    bytes.append(buffer, size);
  }
  return bytes;
}

bool is_letter(char32_t c) {
  if (c < 0x80) return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
  return is_new(c) ? contains(kNewLetters, c) : has_category(c, U_GC_L_MASK);
}

bool is_number(char32_t c) {
  if (c < 0x80) return c >= '0' && c <= '9';
  return is_new(c) ? contains(kNewNumbers, c) : has_category(c, U_GC_N_MASK);
}

bool is_space(char32_t c) { return has(c, UCHAR_WHITE_SPACE); }

bool is_word(char32_t c) {
  if (is_new(c)) {
    return contains(kNewLetters, c) || contains(kNewMarks, c) || contains(kNewNumbers, c);
  }
  return has_category(c, U_GC_M_MASK | U_GC_ND_MASK | U_GC_PC_MASK) || has(c, UCHAR_ALPHABETIC) ||
         has(c, UCHAR_JOIN_CONTROL);
}

bool is_new_mark(char32_t c) { return is_new(c) && contains(kNewMarks, c); }

std::u32string to_lower(std::u32string_view text) {
  constexpr char32_t kCapitalIWithDot = 0x130;
  std::u32string result;
  result.reserve(text.size());
  for (const auto c : text) {
    if (c == kCapitalIWithDot) {
      result += U"i\u0307";
    } else {
      result.push_back(lower(c));
    }
  }
  return result;
}

std::u32string nfc(std::u32string_view text) {
  constexpr char32_t kFirstThatCanChange = 0x300;
  if (std::all_of(text.begin(), text.end(), [](char32_t c) { return c < kFirstThatCanChange; })) {
    return std::u32string(text);
  }
  UErrorCode status = U_ZERO_ERROR;
  icu::UnicodeString input;
  for (const auto c : text) input.append(static_cast<UChar32>(c));
  const auto normalized = normalizer().normalize(input, status);
  check(status);
  std::u32string result;
  for (int32_t i = 0; i < normalized.length(); i = normalized.moveIndex32(i, 1)) {
    result.push_back(static_cast<char32_t>(normalized.char32At(i)));
  }
  return result;
}

}  // namespace unclip
