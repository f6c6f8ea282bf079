#include "cli/encode_in_batches.h"

#include <algorithm>

#include "cli/interrupt.h"
#include "cli/sampling.h"

namespace unclip::cli {

void encode_in_batches(
    Engine& model, const std::vector<std::string>& names, const Arguments& arguments,
    ProgressBar& progress,
    const std::function<std::optional<at::Tensor>(const std::string& name)>& read,
    const std::function<void(const std::vector<std::string>& names, const at::Tensor& z)>& take) {
  const auto batch = static_cast<size_t>(arguments.integer("batch-size", 1, kMostImages));
  for (size_t first = 0; first < names.size(); first += batch) {
    const auto end = std::min(first + batch, names.size());
    std::vector<std::string> taken;
    std::vector<at::Tensor> images;
    for (size_t i = first; i < end; ++i) {
      auto image = read(names[i]);
      if (!image) continue;
      images.push_back(std::move(*image));
      taken.push_back(names[i]);
    }
    if (!images.empty()) take(taken, model.encode_images(images));
    if (!arguments.on("quiet")) {
      progress.show({.stage = "images",
                     .step = static_cast<int64_t>(end),
                     .steps = static_cast<int64_t>(names.size()),
                     .unit = "image"});
    }
    if (interrupted()) throw Cancelled();
  }
}

}  // namespace unclip::cli
