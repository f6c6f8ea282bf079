#include "image/system_fonts.h"

#include <fontconfig/fontconfig.h>

namespace unclip {
namespace {

struct Destroyer {
  void operator()(FcPattern* pattern) const { FcPatternDestroy(pattern); }
  void operator()(FcCharSet* characters) const { FcCharSetDestroy(characters); }
};
using Pattern = std::unique_ptr<FcPattern, Destroyer>;
using Characters = std::unique_ptr<FcCharSet, Destroyer>;

Pattern pattern_with(char32_t character) {
  const Characters characters(FcCharSetCreate());
  FcCharSetAddChar(characters.get(), character);
  Pattern pattern(FcPatternCreate());
  FcPatternAddString(pattern.get(), FC_FAMILY, reinterpret_cast<const FcChar8*>("sans-serif"));
  FcPatternAddCharSet(pattern.get(), FC_CHARSET, characters.get());
  return pattern;
}

bool has(FcPattern* font, char32_t character) {
  FcCharSet* characters = nullptr;
  return FcPatternGetCharSet(font, FC_CHARSET, 0, &characters) == FcResultMatch &&
         FcCharSetHasChar(characters, character) != FcFalse;
}

}  // namespace

struct SystemFonts::Config {
  FcConfig* fonts = FcInitLoadConfigAndFonts();
  ~Config() {
    if (fonts != nullptr) FcConfigDestroy(fonts);
  }
};

SystemFonts::SystemFonts() : config_(std::make_unique<Config>()) {}
SystemFonts::~SystemFonts() = default;

std::optional<SystemFonts::File> SystemFonts::file_with(char32_t character) const {
  if (config_->fonts == nullptr) return std::nullopt;
  const auto pattern = pattern_with(character);
  FcConfigSubstitute(config_->fonts, pattern.get(), FcMatchPattern);
  FcDefaultSubstitute(pattern.get());
  FcResult result = FcResultNoMatch;
  const Pattern font(FcFontMatch(config_->fonts, pattern.get(), &result));
  FcChar8* path = nullptr;
  int index = 0;
  if (!font || !has(font.get(), character) ||
      FcPatternGetString(font.get(), FC_FILE, 0, &path) != FcResultMatch) {
    return std::nullopt;
  }
  FcPatternGetInteger(font.get(), FC_INDEX, 0, &index);
  return File{reinterpret_cast<const char*>(path), index};
}

}  // namespace unclip
