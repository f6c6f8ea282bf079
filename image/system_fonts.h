#pragma once

#include <memory>
#include <optional>
#include <string>

namespace unclip {

/// The fonts that fontconfig knows, as its configuration (also FONTCONFIG_FILE) says. On a system
/// without any, nothing is found.
class SystemFonts {
 public:
  SystemFonts();
  ~SystemFonts();
  SystemFonts(const SystemFonts&) = delete;
  SystemFonts& operator=(const SystemFonts&) = delete;

  struct File {
    std::string path;
    int index;  ///< of the font in it
  };
  /// The file of the sans-serif font, or else of the nearest, that has the character.
  std::optional<File> file_with(char32_t character) const;

 private:
  struct Config;
  std::unique_ptr<Config> config_;
};

}  // namespace unclip
