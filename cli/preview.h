#pragma once

#include <ATen/core/Tensor.h>

#include <optional>

#include "cli/arguments.h"
#include "cli/streams.h"
#include "cli/terminal_query.h"

namespace unclip::cli {

/// --no-preview
Flag no_preview_flag();

/// Shows images in the terminal after they are painted: on standard error if that is a terminal,
/// else on standard output if that is one, else nowhere. --quiet and --no-preview switch it off.
class Preview {
 public:
  Preview(const Arguments& arguments, const Streams& streams);

  /// image (3, H, W) in [0, 1], or uint8. Only the first images of a run are shown.
  void show(const at::Tensor& image);

 private:
  std::ostream* out_ = nullptr;  // no preview
  int descriptor_ = -1;          // of the terminal
  int columns_ = 80;
  int shown_ = 0;
  std::optional<TerminalGraphics> graphics_;  // asked before the first image
};

/// The escape sequences for an image, which has a size for a terminal of so many columns.
std::string preview_text(const at::Tensor& image, TerminalGraphics graphics, int columns);

}  // namespace unclip::cli
