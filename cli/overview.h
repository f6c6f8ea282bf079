#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "cli/arguments.h"
#include "cli/streams.h"
#include "image/contact_sheet.h"
#include "image/write_file.h"
#include "pipeline/text_to_image.h"

namespace unclip::cli {

/// --contact-sheet and --columns
Flags overview_flags();

/// What shows all pictures of a run at once. It keeps them as bytes, where it is asked for.
class Overview {
 public:
  /// Throws UsageError where a flag's value is not as it is wanted.
  explicit Overview(const Arguments& arguments);

  /// For `pictures` (3, height, width). Throws Error where they are too many, or a file could not
  /// be written.
  void prepare(int64_t pictures, int64_t height, int64_t width);
  /// `file`: the picture's own; `from`: that of the picture that it came from; empty: none.
  void add(const GeneratedImage& image, const std::filesystem::path& file, const std::string& from);
  /// Writes the files, and their names to standard output.
  void finish(const Streams& streams, WriteMode mode, bool json) const;

 private:
  std::string sheet_;  // a file's name; empty: none
  int64_t columns_ = 0, row_ = 0;
  bool taken_ = false;  // whether one of the pictures has the sheet's name
  std::vector<SheetPicture> pictures_;
};

}  // namespace unclip::cli
