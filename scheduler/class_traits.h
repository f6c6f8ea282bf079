#pragma once

#include <cstdint>
#include <span>
#include <string>

#include "scheduler/spacing.h"

namespace unclip {

class Config;

/// diffusers' scheduler classes, as bits of a set.
namespace scheduler_class {
constexpr uint32_t kUnclip = 1 << 0, kDdpm = 1 << 1, kDdim = 1 << 2, kDdimInverse = 1 << 3,
                   kEuler = 1 << 4, kEulerAncestral = 1 << 5, kHeun = 1 << 6, kLms = 1 << 7,
                   kPndm = 1 << 8, kMultistep = 1 << 9, kSinglestep = 1 << 10, kUnipc = 1 << 11,
                   kDeis = 1 << 12, kSaSolver = 1 << 13, kLcm = 1 << 14;
constexpr uint32_t kAll = (1 << 15) - 1;
/// Classes that space the noise itself if a key asks for it: use_karras_sigmas and its like.
constexpr uint32_t kSpaceSigmas =
    kEuler | kHeun | kLms | kMultistep | kSinglestep | kUnipc | kDeis | kSaSolver;
}  // namespace scheduler_class

/// How a class chooses its timesteps by "linspace", "leading" and "trailing".
enum class ClassTimesteps {
  kWhole,     // whole numbers, as walk_timesteps() has them
  kReal,      // "linspace" is not rounded; sigma goes evenly between two timesteps
  kOneMore,   // "linspace" and "leading" have n + 1 timesteps, of which the last is left out
  kOriginal,  // some of the `original_inference_steps` timesteps that LCM was distilled on
};

/// What a class does if its config does not say otherwise. diffusers 0.42.1
struct ClassTraits {
  const char* name;
  uint32_t bit;
  ClassTimesteps timesteps = ClassTimesteps::kWhole;
  TimestepSpacing spacing = TimestepSpacing::kLinspace;
  bool clip_sample = false;
  bool set_alpha_to_one = true;  // whether it ends without noise
  const char* beta_schedule = "linear";
  double beta_start = 0.0001, beta_end = 0.02;
};

/// All of them, UnCLIPScheduler first.
std::span<const ClassTraits> class_traits();
/// Those of the config's `_class_name`; without a name, UnCLIPScheduler's. Throws Error for a name
/// that is none of them.
const ClassTraits& class_traits_of(const Config& config);

/// Throws Error for a key that would change the sampling run and is not implemented, or that no
/// class of diffusers has.
void expect_known_keys(const Config& config);

/// What a key of a scheduler_config.json does.
enum class KeyEffect { kRead, kNothing, kRefused };
struct KeyRule {
  const char* key;
  uint32_t classes;          // that have the key
  KeyEffect effect;          // in those; kRefused: any value but `neutral` and null
  KeyEffect elsewhere;       // in the others
  const char* neutral = "";  // JSON, of kRefused
  const char* reason = "";   // of kNothing and kRefused
};
std::span<const KeyRule> key_rules();
/// Whether the class has the key and reads it.
bool reads_key(const ClassTraits& traits, const std::string& key);

}  // namespace unclip
