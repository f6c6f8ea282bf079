#include "clip/graphemes.h"

#include <unicode/uchar.h>
#include <unicode/uscript.h>

#include <algorithm>
#include <iterator>

#include "clip/unicode.h"

namespace unclip {
namespace {

int32_t property(char32_t c, UProperty which) {
  return u_getIntPropertyValue(static_cast<UChar32>(c), which);
}

// Marks that Unicode 17.0 has and 16.0 lacked.
constexpr char32_t kMarksOf17[][2] = {{0x1ACF, 0x1ADD},   {0x1AE0, 0x1AEB},   {0x10EFA, 0x10EFB},
                                      {0x11B60, 0x11B67}, {0x1E6E3, 0x1E6E3}, {0x1E6E6, 0x1E6E6},
                                      {0x1E6EE, 0x1E6EF}, {0x1E6F5, 0x1E6F5}};

int32_t cluster_break(char32_t c) {
  const auto in_range = [c](const auto& range) { return range[0] <= c && c <= range[1]; };
  if (is_new_mark(c) || std::any_of(std::begin(kMarksOf17), std::end(kMarksOf17), in_range)) {
    return U_GCB_EXTEND;
  }
  return property(c, UCHAR_GRAPHEME_CLUSTER_BREAK);
}

bool is_pictograph(char32_t c) {
  return u_hasBinaryProperty(static_cast<UChar32>(c), UCHAR_EXTENDED_PICTOGRAPHIC);
}

bool forms_conjuncts(char32_t c) {
  switch (property(c, UCHAR_SCRIPT)) {
    case USCRIPT_BENGALI:
    case USCRIPT_DEVANAGARI:
    case USCRIPT_GUJARATI:
    case USCRIPT_MALAYALAM:
    case USCRIPT_ORIYA:
    case USCRIPT_TELUGU:
      return true;
    default:
      return false;
  }
}

bool is_conjunct_consonant(char32_t c) {
  return property(c, UCHAR_INDIC_SYLLABIC_CATEGORY) == U_INSC_CONSONANT && forms_conjuncts(c);
}

bool is_conjunct_linker(char32_t c) {
  return property(c, UCHAR_INDIC_SYLLABIC_CATEGORY) == U_INSC_VIRAMA && forms_conjuncts(c);
}

// What a cluster's code points so far allow to follow.
class Cluster {
 public:
  explicit Cluster(char32_t first) { add(first, cluster_break(first)); }

  // Whether the code point belongs to the cluster, to which it is then added.
  bool takes(char32_t c) {
    const auto next = cluster_break(c);
    if (!joins(c, next)) return false;
    add(c, next);
    return true;
  }

 private:
  static bool is_control(int32_t category) {
    return category == U_GCB_CONTROL || category == U_GCB_CR || category == U_GCB_LF;
  }

  bool joins(char32_t c, int32_t next) const {
    if (last_ == U_GCB_CR && next == U_GCB_LF) return true;                        // GB3
    if (is_control(last_) || is_control(next)) return false;                       // GB4, GB5
    if (joins_syllable(next)) return true;                                         // GB6 to GB8
    if (next == U_GCB_EXTEND || next == U_GCB_ZWJ) return true;                    // GB9
    if (next == U_GCB_SPACING_MARK || last_ == U_GCB_PREPEND) return true;         // GB9a, GB9b
    if (after_linker_ && is_conjunct_consonant(c)) return true;                    // GB9c
    if (last_ == U_GCB_ZWJ && after_pictograph_ && is_pictograph(c)) return true;  // GB11
    return next == U_GCB_REGIONAL_INDICATOR && is_half_a_flag_;                    // GB12, GB13
  }

  // Hangul.
  bool joins_syllable(int32_t next) const {
    if (last_ == U_GCB_L) {
      return next == U_GCB_L || next == U_GCB_V || next == U_GCB_LV || next == U_GCB_LVT;
    }
    if (last_ == U_GCB_LV || last_ == U_GCB_V) return next == U_GCB_V || next == U_GCB_T;
    return (last_ == U_GCB_LVT || last_ == U_GCB_T) && next == U_GCB_T;
  }

  void add(char32_t c, int32_t category) {
    constexpr char32_t kZeroWidthNonJoiner = 0x200C;
    const bool extends = category == U_GCB_EXTEND || category == U_GCB_ZWJ;
    after_pictograph_ = is_pictograph(c) || (after_pictograph_ && extends);
    is_half_a_flag_ = category == U_GCB_REGIONAL_INDICATOR && !is_half_a_flag_;
    if (is_conjunct_consonant(c)) {
      after_consonant_ = true;
      after_linker_ = false;
    } else if (after_consonant_ && is_conjunct_linker(c)) {
      after_linker_ = true;
    } else if (!extends || c == kZeroWidthNonJoiner) {
      after_consonant_ = after_linker_ = false;
    }
    last_ = category;
  }

  int32_t last_ = U_GCB_OTHER;
  bool after_pictograph_ = false;  // and nothing but marks since
  bool after_consonant_ = false;   // of a script that forms conjuncts; likewise
  bool after_linker_ = false;      // likewise
  bool is_half_a_flag_ = false;
};

}  // namespace

size_t first_grapheme(std::u32string_view text) {
  Cluster cluster(text.front());
  size_t size = 1;
  while (size < text.size() && cluster.takes(text[size])) ++size;
  return size;
}

}  // namespace unclip
