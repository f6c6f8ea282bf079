#pragma once

#include <filesystem>
#include <iosfwd>
#include <string>
#include <vector>

#include "base/write_file.h"
#include "cli/arguments.h"
#include "engine/engine.h"
#include "image/contact_sheet.h"

namespace unclip::cli {

/// --contact-sheet with --columns: `what` is on the sheet, in so many columns by `otherwise`.
Flags sheet_flags(const std::string& what, const std::string& otherwise);
/// What they say; empty and 0 if they are not given. Throws UsageError for another kind of file
/// than PNG, and for columns without a sheet.
std::string sheet_name(const Arguments& arguments);
int64_t sheet_columns(const Arguments& arguments);
/// For `pictures` (3, height, width). Throws Error if the sheet would be too large.
void expect_sheet_size(const std::filesystem::path& file, int64_t pictures, int64_t height,
                       int64_t width, const SheetOptions& options);
/// The same, and if its file could not be written.
void expect_sheet(const std::filesystem::path& file, int64_t pictures, int64_t height,
                  int64_t width, const SheetOptions& options,
                  WriteMode mode = WriteMode::kNextFreeName);

/// The sheet's, and --animate with --seconds
Flags overview_flags();

/// What shows all pictures of a run at once. It keeps them as bytes, where it is asked for.
class Overview {
 public:
  /// Throws UsageError for a flag's value that is not as expected.
  explicit Overview(const Arguments& arguments);

  /// For `pictures` (3, height, width). Throws Error if they are too many, or a file could not be
  /// written.
  void prepare(int64_t pictures, int64_t height, int64_t width, WriteMode mode);
  /// `file`: the picture's own; `from`: that of the picture that it came from; empty: none.
  void add(const GeneratedImage& image, const std::filesystem::path& file, const std::string& from);
  /// Writes the files, and their names to `names`.
  void finish(std::ostream& names, WriteMode mode, bool json) const;

 private:
  bool wanted() const { return !sheet_.empty() || !animation_.empty(); }
  void prepare_sheet(int64_t pictures, int64_t height, int64_t width, WriteMode mode);
  void prepare_animation(int64_t pictures, int64_t height, int64_t width, WriteMode mode) const;
  void finish_sheet(std::ostream& names, WriteMode mode, bool json) const;
  void finish_animation(std::ostream& names, WriteMode mode, bool json) const;

  std::string sheet_, animation_;  // files' names; empty: none
  int64_t columns_, row_;          // 0: none is given
  double seconds_;
  bool taken_ = false;  // whether one of the pictures has the sheet's name
  std::vector<SheetPicture> pictures_;
};

}  // namespace unclip::cli
