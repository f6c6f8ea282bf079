#include "cli/preview.h"

#include <unistd.h>

#include <algorithm>
#include <ostream>

#include "cli/terminal_graphics.h"
#include "image/png.h"
#include "image/resize_8bit.h"
#include "kernels/tensor.h"

namespace unclip::cli {
namespace {

constexpr int kMostPreviews = 8;
constexpr int64_t kPixels = 256;         // of the longer side, if the terminal shows pixels
constexpr int64_t kMostHalfBlocks = 48;  // columns

/// The image with its longer side `side` pixels long, or as long as whole multiples make it.
at::Tensor resized(const at::Tensor& image, int64_t side) {
  const auto longer = std::max(image.size(1), image.size(2));
  if (longer <= side) {
    const auto times = side / longer;
    return image.repeat_interleave(times, 1).repeat_interleave(times, 2);
  }
  const auto scaled = [&](int64_t size) { return std::max<int64_t>(1, size * side / longer); };
  return resize_bicubic_8bit(image, scaled(image.size(1)), scaled(image.size(2)));
}

}  // namespace

Flag no_preview_flag() {
  return {"no-preview",
          0,
          "",
          "",
          "show no small images in the terminal; they are shown if standard error or standard "
          "output is one, by kitty's graphics, sixels or half blocks, as it is able to",
          "Output"};
}

Preview::Preview(const Arguments& arguments, const Streams& streams) {
  if (arguments.on("no-preview") || arguments.on("quiet")) return;
  if (streams.err_columns > 0) {
    out_ = &streams.err;
    descriptor_ = STDERR_FILENO;
    columns_ = streams.err_columns;
  } else if (streams.out_is_terminal) {
    out_ = &streams.out;
    descriptor_ = STDOUT_FILENO;
  }
}

void Preview::show(const at::Tensor& image) {
  if (out_ == nullptr || shown_ == kMostPreviews) return;
  ++shown_;
  if (!graphics_) graphics_ = query_terminal(descriptor_);
  *out_ << preview_text(to_uint8(image), *graphics_, columns_) << std::flush;
}

std::string preview_text(const at::Tensor& image, TerminalGraphics graphics, int columns) {
  switch (graphics) {
    case TerminalGraphics::kKitty:
      return kitty_image(resized(image, kPixels));
    case TerminalGraphics::kSixel:
      return sixel_image(resized(image, kPixels));
    case TerminalGraphics::kHalfBlocks: {
      const auto side = std::min<int64_t>(kMostHalfBlocks, columns - 1);
      return side < 1 ? "" : half_block_image(resized(image, side));
    }
    case TerminalGraphics::kNone:
      break;
  }
  return "";
}

}  // namespace unclip::cli
