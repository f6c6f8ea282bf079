#pragma once

#include <filesystem>
#include <string>
#include <vector>

namespace unclip::cli {

/// A model that comes with the program.
struct ShippedModel {
  std::string name;  // its folder's
  std::filesystem::path folder;
};

inline constexpr const char* kDefaultModel = "toybox";

/// The models that are shipped with a program in `program_folder`, sorted by name: in that folder,
/// in weights/ of the tree that it is built in, or in share/unclip of the place that it is
/// installed to.
std::vector<ShippedModel> find_shipped_models(const std::filesystem::path& program_folder);

/// The same for this program.
std::vector<ShippedModel> find_shipped_models();

}  // namespace unclip::cli
