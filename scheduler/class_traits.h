#pragma once

#include <cstdint>
#include <span>
#include <string>

#include "scheduler/spacing.h"

namespace unclip {

class Config;

/// diffusers' scheduler classes, one bit each, to form sets.
namespace scheduler_class {
constexpr uint32_t kUnclip = 1 << 0, kDdpm = 1 << 1, kDdim = 1 << 2, kDdimInverse = 1 << 3,
                   kEuler = 1 << 4, kEulerAncestral = 1 << 5, kHeun = 1 << 6, kLms = 1 << 7,
                   kPndm = 1 << 8, kMultistep = 1 << 9, kSinglestep = 1 << 10, kUnipc = 1 << 11,
                   kDeis = 1 << 12, kSaSolver = 1 << 13, kLcm = 1 << 14;
constexpr uint32_t kAll = (1 << 15) - 1;
/// Classes that can space the sigmas in place of the timesteps, by use_karras_sigmas and similar
/// keys.
constexpr uint32_t kSpaceSigmas =
    kEuler | kHeun | kLms | kMultistep | kSinglestep | kUnipc | kDeis | kSaSolver;
}  // namespace scheduler_class

/// How a class computes its timesteps for "linspace", "leading" and "trailing".
enum class ClassTimesteps {
  kWhole,     // whole numbers, those of walk_timesteps()
  kReal,      // "linspace" is not rounded; sigma is interpolated linearly between two timesteps
  kOneMore,   // "linspace" and "leading" compute n + 1 timesteps and drop the last
  kOriginal,  // a selection of the `original_inference_steps` timesteps that LCM was distilled on
};

/// The defaults of a class, used for keys that a config does not have. diffusers 0.42.1
struct ClassTraits {
  const char* name;
  uint32_t bit;
  ClassTimesteps timesteps = ClassTimesteps::kWhole;
  TimestepSpacing spacing = TimestepSpacing::kLinspace;
  bool clip_sample = false;
  bool set_alpha_to_one = true;  // whether the run ends without noise
  const char* beta_schedule = "linear";
  double beta_start = 0.0001, beta_end = 0.02;
};

/// The traits of all classes, UnCLIPScheduler first.
std::span<const ClassTraits> class_traits();
/// The traits of the config's `_class_name`; UnCLIPScheduler's if it has none. Throws Error for an
/// unknown class.
const ClassTraits& class_traits_of(const Config& config);

/// Throws Error for a key that would change the sampling run and is not implemented, or that no
/// class of diffusers has.
void expect_known_keys(const Config& config);

/// What a key of a scheduler_config.json does.
enum class KeyEffect { kRead, kNothing, kRefused };
struct KeyRule {
  const char* key;
  uint32_t classes;          // classes that have the key
  KeyEffect effect;          // in those; kRefused: every value but `neutral` and null is an error
  KeyEffect elsewhere;       // in all other classes
  const char* neutral = "";  // for kRefused: the accepted value, as JSON
  const char* reason = "";   // for kNothing and kRefused: why, for messages
};
std::span<const KeyRule> key_rules();
/// Whether the class has the key and reads it.
bool reads_key(const ClassTraits& traits, const std::string& key);

}  // namespace unclip
