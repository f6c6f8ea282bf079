#include "weights/model_defaults.h"

#include <cmath>
#include <limits>
#include <set>

#include "base/config.h"
#include "base/hub_path.h"
#include "base/presence.h"
#include "weights/safetensors_header.h"

namespace unclip {
namespace {

namespace fs = std::filesystem;

// OWNER/NAME of the hub for a snapshot in its cache, else the folder's own name.
std::string model_name(const fs::path& dir) {
  auto normal = fs::absolute(dir).lexically_normal();
  if (!normal.has_filename()) normal = normal.parent_path();
  if (normal.parent_path().filename() == "snapshots") {
    if (const auto repository = hub_repository(normal)) return *repository;
  }
  return normal.filename().string();
}

double guidance(const Config& config, const std::string& key, double otherwise) {
  const auto scale = config.value_or<double>(key, otherwise);
  if (!std::isfinite(scale) || scale < 0) config.fail_value(key, "a finite number, 0 or more");
  return scale;
}

}  // namespace

ModelDefaults ModelDefaults::read(const fs::path& model_dir) {
  ModelDefaults d;
  d.name = model_name(model_dir);
  const auto path = model_dir / "unclip.json";
  if (!is_there(path)) return d;

  const auto config = Config::read(path);
  const std::set<std::string> known = {
      "name",           "prior_steps",      "decoder_steps", "super_res_steps",
      "prior_guidance", "decoder_guidance", "mix_guidance",  "known_words"};
  for (const auto& key : config.keys()) {
    if (!known.contains(key)) {
      fail(path, ": expected the keys name, prior_steps, decoder_steps, super_res_steps, ",
           "prior_guidance, decoder_guidance, mix_guidance and known_words, got '", shown(key),
           "'");
    }
  }
  const auto steps = [&](const std::string& key, int64_t otherwise) {
    return config.integer(key, otherwise, 1, std::numeric_limits<int32_t>::max());
  };
  d.name = config.value_or<std::string>("name", d.name);
  d.prior_steps = steps("prior_steps", d.prior_steps);
  d.decoder_steps = steps("decoder_steps", d.decoder_steps);
  d.super_res_steps = steps("super_res_steps", d.super_res_steps);
  d.prior_guidance = guidance(config, "prior_guidance", d.prior_guidance);
  d.decoder_guidance = guidance(config, "decoder_guidance", d.decoder_guidance);
  d.mix_guidance = guidance(config, "mix_guidance", d.decoder_guidance);
  d.known_words = config.value_or<std::vector<std::string>>("known_words", {});
  return d;
}

}  // namespace unclip
