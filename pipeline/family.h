#pragma once

#include <filesystem>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "pipeline/model.h"

namespace unclip {

/// A family of models: what its folders hold, and how one is opened. families/registry.h lists
/// them.
struct Family {
  ModelLayout layout;
  /// Classes of model_index.json whose folders are published for variations of images, unless they
  /// hold a prior.
  std::vector<std::string> variation_classes;

  /// The parts with weights that a task needs, in the layout's order.
  std::vector<std::string> (*parts)(const Needs& needs);
  /// Makes every check that is possible before weights are read. Throws Error that names file and
  /// key if a part is missing, its config asks for what is not implemented, two parts do not fit
  /// each other, or the names, shapes and types of a part's tensors are not those of its network.
  /// Returns the sizes of the images; zeros unless the decoder is needed.
  ImageSizes (*check)(const ModelDir& folder, const Needs& needs);
  /// The same checks of one part without its neighbours.
  void (*check_part)(const ModelDir& folder, const std::string& part);
  /// Makes the checks, and returns the model, whose weights are read when they are first needed.
  std::unique_ptr<Model> (*open)(const ModelDir& folder, const PipelineOptions& options,
                                 const Needs& needs);
  /// Opens a folder with the files that the family's authors published, if `dir` is one; null if
  /// the family has none. `borrowed` and what is thrown: see ModelDir::open.
  std::optional<ModelDir> (*open_original)(
      const std::filesystem::path& dir,
      const std::map<std::string, std::filesystem::path>& borrowed) = nullptr;
};

}  // namespace unclip
