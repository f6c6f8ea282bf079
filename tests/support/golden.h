#pragma once

#include <ATen/ATen.h>

#include <cstdint>
#include <cstring>
#include <fstream>
#include <map>
#include <nlohmann/json.hpp>
#include <sstream>
#include <stdexcept>
#include <string>

#include "base/config.h"

namespace unclip::testing {

/// A file of expected tensors, tests/golden/NAME.safetensors: float32, int64 and uint8, with the
/// configs and seeds of their modules in its metadata. Tests run in the repository's root. This
/// class reads the file by a few lines of its own, so that mistakes of the engine's reader are
/// found.
class Golden {
 public:
  explicit Golden(const std::string& name) : path_("tests/golden/" + name + ".safetensors") {
    std::ifstream file(path_, std::ios::binary);
    std::ostringstream whole;
    whole << file.rdbuf();
    const auto bytes = whole.str();
    if (bytes.size() < 8) throw std::runtime_error(path_ + " is missing; tests run in the root");

    uint64_t header_size = 0;
    std::memcpy(&header_size, bytes.data(), sizeof header_size);
    const auto header = nlohmann::json::parse(bytes.substr(8, header_size));
    for (const auto& [key, entry] : header.items()) {
      if (key == "__metadata__") {
        metadata_ = entry.get<std::map<std::string, std::string>>();
        continue;
      }
      const auto dtype = kTypes.at(entry.at("dtype").get<std::string>());
      const auto tensor = at::empty(entry.at("shape").get<std::vector<int64_t>>(), dtype);
      const auto begin = entry.at("data_offsets")[0].get<size_t>();
      std::memcpy(tensor.data_ptr(), bytes.data() + 8 + header_size + begin, tensor.nbytes());
      tensors_[key] = tensor;
    }
  }

  const at::Tensor& operator[](const std::string& name) const { return find(tensors_, name); }
  const std::string& metadata(const std::string& key) const { return find(metadata_, key); }

  /// The config of the module, as in its config.json.
  Config config() const { return Config::parse(metadata("config"), path_); }
  /// The seed of its weights.
  uint64_t seed() const { return std::stoull(metadata("seed")); }

 private:
  inline static const std::map<std::string, at::ScalarType> kTypes = {
      {"F32", at::kFloat}, {"I64", at::kLong}, {"U8", at::kByte}};

  template <class Map>
  const typename Map::mapped_type& find(const Map& map, const std::string& key) const {
    const auto found = map.find(key);
    if (found == map.end()) throw std::runtime_error(path_ + " has no " + key);
    return found->second;
  }

  std::string path_;
  std::map<std::string, at::Tensor> tensors_;
  std::map<std::string, std::string> metadata_;
};

}  // namespace unclip::testing
