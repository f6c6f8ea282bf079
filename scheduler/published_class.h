#pragma once

#include <map>
#include <string>
#include <vector>

namespace unclip {

class Config;

/// A sampler of ours, with its own options.
struct PublishedSampler {
  std::string sampler;
  std::map<std::string, std::string> own;
};

/// What a scheduler_config.json names by its `_class_name`, one of published_classes(), and the
/// class's own keys; without a name it is UnCLIPScheduler. Throws Error where that is none of them,
/// or a key asks for what is not implemented.
PublishedSampler published_sampler(const Config& config);
std::vector<std::string> published_classes();

}  // namespace unclip
