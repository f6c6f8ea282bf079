#include "lab/tensor_watcher.h"

#include "kernels/tensor.h"
#include "weights/model_layout.h"
#include "weights/write_safetensors.h"

namespace unclip::lab {

TensorWatcher::TensorWatcher(const std::filesystem::path& file) : file_(file) {}

void TensorWatcher::add(const WatchedStep& step) {
  const auto& p = step.progress;
  for (int64_t row = 0; row < p.images; ++row) {
    const auto name = std::to_string(p.first_image + row) + "-" +
                      std::to_string(step.seeds[static_cast<size_t>(row)]) + "." +
                      stage_key(p.stage) + ".";
    const auto keep = [&](const char* what, const at::Tensor& value) {
      auto& all = steps_[name + what];
      if (p.step == 1) all.clear();  // the stage runs again
      all.push_back(value);
    };
    keep("x_t", step.x_t[row].to(at::kCPU, at::kFloat).clone());
    keep("x_0", step.x_0[row].to(at::kCPU, at::kFloat).clone());
    keep("timestep", ops::scalar_tensor(step.level.timestep, at::kDouble));
    keep("sigma", ops::scalar_tensor(step.level.ratio(), at::kDouble));
  }
  if (p.step < p.steps || p.first_image + p.images < p.total_images) return;
  std::map<std::string, at::Tensor> tensors;
  for (const auto& [name, values] : steps_) tensors.emplace(name, ops::stack(values));
  write_safetensors(file_, tensors);
}

}  // namespace unclip::lab
