#include "train/sheet.h"

#include <ATen/ATen.h>

#include "image/png.h"

namespace unclip::train {

void write_sheet(const std::filesystem::path& png, std::vector<at::Tensor> pictures,
                 int64_t columns, int64_t scale) {
  if (pictures.empty()) return;
  for (auto& picture : pictures) picture = picture.cpu();
  while (pictures.size() % static_cast<size_t>(columns) != 0) {
    pictures.push_back(at::zeros_like(pictures.front()));
  }
  const auto all = at::stack(pictures).unflatten(0, {-1, columns});  // (rows, columns, 3, H, W)
  const auto sheet =
      all.permute({2, 0, 3, 1, 4}).flatten(3).flatten(1, 2);  // (3, rows H, columns W)
  write_png(png, sheet.repeat_interleave(scale, 1).repeat_interleave(scale, 2), {},
            WriteMode::kOverwrite);
}

}  // namespace unclip::train
