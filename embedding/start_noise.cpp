#include "embedding/start_noise.h"

#include <nlohmann/json.hpp>

#include "base/config.h"
#include "base/file_bytes.h"
#include "embedding/embeddings.h"
#include "kernels/tensor.h"
#include "weights/checkpoint.h"
#include "weights/npy.h"

namespace unclip {
namespace {

constexpr int64_t kMostSteps = 1'000'000;

/// (C, h, w) or (N, C, h, w) of any floating-point type -> (N, C, h, w) float32, copied
at::Tensor checked_noise(const at::Tensor& x, const std::string& name) {
  if (!x.is_floating_point() || x.dim() < 3 || x.dim() > 4 || x.numel() == 0) {
    fail(name, ": x_T: expected floating-point numbers (N, C, h, w), found ", x.scalar_type(), " ",
         x.sizes());
  }
  const auto rows = ops::empty(x.sizes(), at::kFloat).copy_(x);
  if (!rows.isfinite().all().item<bool>()) fail(name, ": x_T has a number that is not finite");
  return x.dim() == 3 ? rows.unsqueeze(0) : rows;
}

WalkOptions walk_of(const std::string& text, const std::string& name) {
  const auto config = Config::parse(text, name + ": 'walk' of its metadata");
  WalkOptions walk;
  walk.sampler = config.choice<std::string>("sampler", {{"ddim", "ddim"}});
  walk.steps = config.integer("steps", walk.steps, 1, kMostSteps);
  walk.clip = config.value_or("clip", false);
  return walk;
}

}  // namespace

WalkOptions ddim_walk(int64_t steps) { return {.sampler = "ddim", .steps = steps, .clip = false}; }

StartNoise start_noise_of(const Checkpoint& file) {
  StartNoise start;
  if (!file.has("x_T")) return start;
  start.x_T = checked_noise(file.tensor("x_T"), file.name());
  const auto metadata = file.metadata();
  const auto walk = metadata.find("walk");
  if (walk != metadata.end()) start.walk = walk_of(walk->second, file.name());
  return start;
}

StartNoise read_start_noise(const std::filesystem::path& path) {
  const auto bytes = file_bytes(path);
  const auto name = path.string();
  expect_no_image(bytes, name);
  if (is_npy(bytes)) return {.x_T = checked_noise(parse_npy(bytes, name), name), .walk = {}};
  auto start = start_noise_of(Checkpoint::from_bytes(bytes, name));
  if (!start.x_T.defined())
    fail(path, ": expected 'x_T', as in a file of `unclip invert`, found none");
  return start;
}

void add_start_noise(const StartNoise& start, std::map<std::string, at::Tensor>& tensors,
                     std::map<std::string, std::string>& metadata) {
  if (!start.x_T.defined()) return;
  tensors["x_T"] = start.x_T;
  if (!start.walk) return;
  const nlohmann::ordered_json walk = {{"sampler", start.walk->sampler},
                                       {"steps", start.walk->steps},
                                       {"clip", start.walk->clip.value_or(false)}};
  metadata["walk"] = walk.dump();
}

}  // namespace unclip
