#pragma once

#include <span>
#include <string>

namespace unclip {

/// Another program's name of a sampler.
struct SamplerAlias {
  const char* name;
  const char* meaning;  // as parse_walk() reads it
  const char* source;   // whose name it is
};

/// Names of diffusers' classes, of AUTOMATIC1111's web UI and of k-diffusion.
std::span<const SamplerAlias> sampler_aliases();

/// What a name means, whatever its case: an alias' meaning, with a spacing that its last word names
/// ("Karras", "_exponential"); the name itself if it is none. `sample_` and `k_` before a name of
/// k-diffusion are left out.
std::string sampler_meaning(const std::string& name);

/// Another program's name of a noise schedule ("squaredcos_cap_v2"); the name itself if it is none.
std::string schedule_meaning(const std::string& name);

}  // namespace unclip
