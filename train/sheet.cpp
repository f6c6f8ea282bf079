#include "train/sheet.h"

#include <ATen/ATen.h>

#include "image/png.h"

namespace unclip::train {
namespace {

constexpr size_t kMostJudged = 64;

}  // namespace

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

void JudgedPictures::add(bool right, const std::vector<at::Tensor>& group) {
  (right ? right_ : wrong_).push_back(group);
}

void JudgedPictures::write(const std::filesystem::path& png) const {
  std::vector<at::Tensor> pictures;
  size_t group_size = 1;
  for (const auto* groups : {&wrong_, &right_}) {
    for (const auto& group : *groups) {
      group_size = group.size();
      if (pictures.size() + group_size > kMostJudged) break;
      pictures.insert(pictures.end(), group.begin(), group.end());
    }
  }
  if (png.has_parent_path()) std::filesystem::create_directories(png.parent_path());
  // Whole groups in each row: 8, 8 or 9 images.
  const size_t columns = group_size * ((8 + group_size - 1) / group_size);
  write_sheet(png, pictures, static_cast<int64_t>(columns));
}

}  // namespace unclip::train
