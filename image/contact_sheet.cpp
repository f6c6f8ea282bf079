#include "image/contact_sheet.h"

#include <algorithm>
#include <cmath>

#include "image/font.h"
#include "image/png.h"
#include "image/text.h"
#include "kernels/tensor.h"

namespace unclip {
namespace {

constexpr int64_t kTextLines = 2;  // below an image, and above a column
constexpr int64_t kAxisLines = 3;  // left of a row
constexpr double kTextGrey = 64, kNoteGrey = 120;

/// The size of labels for images of this width: 10 pixels for a width of 64, and 2 more for each
/// doubling.
int64_t font_size(int64_t width) {
  const double doublings = std::log2(static_cast<double>(std::max<int64_t>(width, 1)) / 64);
  return std::clamp<int64_t>(std::llround(10 + 2 * doublings), 8, 24);
}

int64_t columns_for(int64_t count, const SheetOptions& options) {
  const auto labels = static_cast<int64_t>(options.column_labels.size());
  if (labels > 0) return std::max(labels, options.columns);
  if (options.columns > 0) return std::min(count, options.columns);
  return std::llround(std::ceil(std::sqrt(static_cast<double>(count))));
}

/// The layout of the cells.
struct Grid {
  int64_t columns, rows;
  int64_t height, width;      // of the image in a cell
  int64_t gap;                // between cells, and around the sheet
  int64_t below = 0;          // rows of an image's label
  int64_t top = 0, left = 0;  // rows and columns of the axes' labels

  int64_t y(int64_t row) const { return gap + top + row * (height + below + gap); }
  int64_t x(int64_t column) const { return gap + left + column * (width + gap); }
};

/// A sheet while it is drawn.
class Sheet {
 public:
  Sheet(int64_t count, int64_t height, int64_t width, const SheetOptions& options);

  void make_room_below(int64_t text_lines, int64_t note_lines);
  void make_room_below(const std::vector<SheetPicture>& pictures);
  SheetSize size() const { return {grid_.y(grid_.rows), grid_.x(grid_.columns)}; }
  at::Tensor made_of(const std::vector<SheetPicture>& pictures);

 private:
  at::Tensor drawn(const std::string& text, int64_t lines) const {
    return draw_text(text, font_, {.width = grid_.width, .lines = lines});
  }
  void put(const at::Tensor& coverage, int64_t y, int64_t x, double grey);
  void put_axes();
  void put(const SheetPicture& picture, int64_t y, int64_t x);

  Font font_;
  Grid grid_;
  std::vector<at::Tensor> column_labels_, row_labels_;  // (h, w) coverage
  at::Tensor pixels_;                                   // (3, H, W)
};

Sheet::Sheet(int64_t count, int64_t height, int64_t width, const SheetOptions& options)
    : font_(font_size(width)) {
  TORCH_CHECK(count > 0 && height > 0 && width > 0, "contact_sheet: there are no pictures");
  const auto columns = columns_for(count, options);
  const auto labels = static_cast<int64_t>(options.row_labels.size());
  const auto rows = std::max((count + columns - 1) / columns, labels);
  grid_ = {columns, rows, height, width, /*gap=*/font_size(width)};
  for (const auto& label : options.column_labels) {
    column_labels_.push_back(drawn(label, kTextLines));
    grid_.top = std::max(grid_.top, column_labels_.back().size(0) + grid_.gap / 2);
  }
  for (const auto& label : options.row_labels) {
    row_labels_.push_back(drawn(label, kAxisLines));
    grid_.left = std::max(grid_.left, row_labels_.back().size(1) + grid_.gap);
    grid_.height = std::max(grid_.height, row_labels_.back().size(0));
  }
}

void Sheet::make_room_below(int64_t text_lines, int64_t note_lines) {
  const auto lines = text_lines + note_lines;
  grid_.below = lines == 0 ? 0 : grid_.gap / 3 + lines * font_.line_height();
}

void Sheet::make_room_below(const std::vector<SheetPicture>& pictures) {
  int64_t text = 0, note = 0;
  for (const auto& picture : pictures) {
    if (!picture.text.empty()) {
      text = std::max(text, drawn(picture.text, kTextLines).size(0) / font_.line_height());
    }
    if (!picture.note.empty()) note = 1;
  }
  make_room_below(text, note);
}

/// Draws ink on white.
void Sheet::put(const at::Tensor& coverage, int64_t y, int64_t x, double grey) {
  pixels_.narrow(1, y, coverage.size(0))
      .narrow(2, x, coverage.size(1))
      .copy_((255 - (255 - grey) * coverage).round());
}

void Sheet::put_axes() {
  for (size_t i = 0; i < column_labels_.size(); ++i) {
    const auto& label = column_labels_[i];
    put(label, grid_.y(0) - grid_.gap / 2 - label.size(0),
        grid_.x(static_cast<int64_t>(i)) + (grid_.width - label.size(1)) / 2, kTextGrey);
  }
  for (size_t i = 0; i < row_labels_.size(); ++i) {
    const auto& label = row_labels_[i];
    put(label, grid_.y(static_cast<int64_t>(i)) + (grid_.height - label.size(0)) / 2,
        grid_.x(0) - grid_.gap - label.size(1), kTextGrey);
  }
}

void Sheet::put(const SheetPicture& picture, int64_t y, int64_t x) {
  const auto image = to_uint8(picture.image);
  const auto height = image.size(1), width = image.size(2);
  pixels_.narrow(1, y + (grid_.height - height) / 2, height)
      .narrow(2, x + (grid_.width - width) / 2, width)
      .copy_(image);
  y += grid_.height + grid_.gap / 3;
  if (!picture.text.empty()) {
    const auto text = drawn(picture.text, kTextLines);
    put(text, y, x, kTextGrey);
    y += text.size(0);
  }
  if (!picture.note.empty()) put(drawn(picture.note, 1), y, x, kNoteGrey);
}

at::Tensor Sheet::made_of(const std::vector<SheetPicture>& pictures) {
  pixels_ = ops::full({3, size().height, size().width}, 255, at::kByte);
  put_axes();
  for (size_t i = 0; i < pictures.size(); ++i) {
    const auto cell = static_cast<int64_t>(i);
    put(pictures[i], grid_.y(cell / grid_.columns), grid_.x(cell % grid_.columns));
  }
  return pixels_;
}

}  // namespace

at::Tensor contact_sheet(const std::vector<SheetPicture>& pictures, const SheetOptions& options) {
  int64_t height = 0, width = 0;
  for (const auto& picture : pictures) {
    height = std::max(height, picture.image.size(1));
    width = std::max(width, picture.image.size(2));
  }
  Sheet sheet(static_cast<int64_t>(pictures.size()), height, width, options);
  sheet.make_room_below(pictures);
  return sheet.made_of(pictures);
}

SheetSize contact_sheet_size(int64_t count, int64_t height, int64_t width,
                             const SheetOptions& options) {
  Sheet sheet(count, height, width, options);
  sheet.make_room_below(kTextLines, 1);
  return sheet.size();
}

}  // namespace unclip
