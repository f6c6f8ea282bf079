#pragma once

#include <span>
#include <string>

namespace unclip {

/// A name that another program uses for a sampler.
struct SamplerAlias {
  const char* name;
  const char* meaning;  // the sampler it stands for, as text for parse_walk()
  const char* source;   // the program that uses the name
};

/// All aliases: names from diffusers' classes, AUTOMATIC1111's web UI and k-diffusion.
std::span<const SamplerAlias> sampler_aliases();

/// The meaning of an alias, which is compared without regard to case; the name itself if it is no
/// alias. If the last word of the name is a spacing ("Karras", "_exponential"), the meaning
/// includes it. The prefixes `sample_` and `k_` of k-diffusion's names are ignored.
std::string sampler_meaning(const std::string& name);

/// Our name of a noise schedule that another program calls `name` ("squaredcos_cap_v2"); the name
/// itself if it is no alias.
std::string schedule_meaning(const std::string& name);

}  // namespace unclip
