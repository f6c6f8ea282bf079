#include "families/kandinsky22/zero_image.h"

#include <nlohmann/json.hpp>

#include "base/error.h"
#include "base/user_cache.h"
#include "base/write_file.h"
#include "weights/model_info.h"
#include "weights/sha256.h"
#include "weights/write_safetensors.h"

namespace unclip::kandinsky22 {
namespace {

namespace fs = std::filesystem;

constexpr auto kTensor = "image_embedding";
constexpr auto kComputation = "1";  // counts the changes after which older files are not used

fs::path cache_file(const ModelDir& model, const std::string& key) {
  const auto text = weights_hash(model, "image_encoder") + "\n" +
                    model.config("image_encoder").json().dump() + "\n" + key + " " + kComputation;
  Sha256 hash;
  hash.update(text.data(), text.size());
  return user_cache_folder() / "zero-image" / (hash.hex().substr(0, 32) + ".safetensors");
}

/// Undefined if the file is not there, or holds something else.
at::Tensor read_embedding(const fs::path& file, int64_t width) {
  std::error_code error;
  if (!fs::is_regular_file(file, error)) return {};
  try {
    const auto checkpoint = Checkpoint::open(file);
    if (!checkpoint.has(kTensor)) return {};
    const auto found = checkpoint.tensor(kTensor).clone();
    const bool fits = found.scalar_type() == at::kFloat && found.dim() == 1 &&
                      found.size(0) == width && found.isfinite().all().item<bool>();
    return fits ? found : at::Tensor();
  } catch (const std::exception&) {  // will be written anew
    return {};
  }
}

}  // namespace

at::Tensor zero_image_embedding(const ModelDir& model, const std::string& key,
                                const std::function<at::Tensor()>& compute) {
  const auto file = cache_file(model, key);
  const auto width = model.config("image_encoder").value_or<int64_t>("projection_dim", 512);
  if (auto known = read_embedding(file, width); known.defined()) return known;
  const auto fresh = compute().cpu().contiguous();
  if (!fresh.isfinite().all().item<bool>()) {
    fail("image_encoder: the embedding of zeros holds values that are not numbers; another dtype ",
         "may help");
  }
  try {
    fs::create_directories(file.parent_path());
    write_file(file, safetensors_bytes(file.string(), {{kTensor, fresh}}, {}),
               WriteMode::kOverwrite);
  } catch (const std::exception&) {  // without a cache it is computed each time
  }
  return fresh;
}

}  // namespace unclip::kandinsky22
