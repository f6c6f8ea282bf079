#pragma once

#include <ATen/core/Tensor.h>

#include <iosfwd>
#include <string>
#include <vector>

#include "cli/arguments.h"

namespace unclip::cli {

/// --files and --null, of every verb that takes images.
Flags image_input_flags();

/// The images that a command line names: its words, then the names in the lists of --files.
/// The word "-" is standard input: an image if it begins with the bytes of one, else a list of
/// names. A list has a name a line, or with --null a name before each zero byte.
class ImageInputs {
 public:
  /// Throws UsageError if standard input is named twice or --null has no list, Error if a list
  /// cannot be read or is empty, or a name is not UTF-8, for it could not be written down. With
  /// --skip-unreadable such a name is left out.
  ImageInputs(const Arguments& arguments, std::istream& in);

  const std::vector<std::string>& names() const { return names_; }
  bool empty() const { return names_.empty(); }
  int64_t size() const { return static_cast<int64_t>(names_.size()); }
  /// Why names were left out, a line each.
  const std::vector<std::string>& left_out() const { return left_out_; }
  /// One of the images, as `read_picture` reads it. Throws Error as that does.
  at::Tensor read(const std::string& name) const;

 private:
  void add_standard_input(std::string bytes);
  void add_list(std::string_view list, const std::string& list_name);
  void add_name(std::string name);

  bool null_, skip_;
  std::vector<std::string> names_, left_out_;
  std::string standard_input_;  // the bytes of the image that is named "-"
};

/// All bytes of standard input. Throws Error if it cannot be read.
std::string read_standard_input(std::istream& in);

}  // namespace unclip::cli
