#pragma once

#include <map>
#include <string>
#include <vector>

namespace unclip {

class Config;

/// One of our samplers, with its own options as text.
struct PublishedSampler {
  std::string sampler;
  std::map<std::string, std::string> own;
};

/// The sampler that a scheduler_config.json describes by its `_class_name`, one of
/// published_classes(), and by the keys of that class. A file without `_class_name` means
/// UnCLIPScheduler. Throws Error if the class is unknown, or a key asks for what is not
/// implemented.
PublishedSampler published_sampler(const Config& config);
std::vector<std::string> published_classes();

}  // namespace unclip
