#pragma once

#include <memory>
#include <optional>
#include <string>

namespace unclip {

/// The fonts that fontconfig finds by its configuration (also FONTCONFIG_FILE). On a system without
/// fonts it finds none.
class SystemFonts {
 public:
  SystemFonts();
  ~SystemFonts();
  SystemFonts(const SystemFonts&) = delete;
  SystemFonts& operator=(const SystemFonts&) = delete;

  struct File {
    std::string path;
    int index;  ///< of the font in the file
  };
  /// The file of a font that has the character: sans-serif if there is one, otherwise the most
  /// similar font.
  std::optional<File> file_with(char32_t character) const;

 private:
  struct Config;
  std::unique_ptr<Config> config_;
};

}  // namespace unclip
