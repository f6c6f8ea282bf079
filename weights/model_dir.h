#pragma once

#include <filesystem>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "base/config.h"
#include "weights/checkpoint.h"
#include "weights/model_defaults.h"
#include "weights/model_layout.h"

namespace unclip {

/// A part of a model, as it was found.
struct ModelPart {
  const PartSpec* spec;
  std::string class_name;
  std::filesystem::path folder;
  std::string trouble;  // empty, or the message that says why it cannot be used
};

/// The model_index.json of a model folder. Throws Error if `dir` is no model folder, or the file
/// has no `_class_name`.
Config read_model_index(const std::filesystem::path& dir);

/// Where each part of a model lies: in its folder, in a companion folder, or borrowed from
/// elsewhere. families/registry.h finds the layout that a folder has.
class ModelDir {
 public:
  /// Reads model_index.json and unclip.json, and no weights. A part that the index does not list
  /// counts if its folder is there.
  /// `borrowed`: part -> its own folder, or a model folder that holds it; they replace the folder's
  /// own. Throws Error if `dir` is no model folder of this layout, its index is not valid or lists
  /// a part that the layout lacks, or a borrowed part is not where it should be. `layout` must
  /// outlive the result.
  static ModelDir open(const std::filesystem::path& dir, const ModelLayout& layout,
                       const std::map<std::string, std::filesystem::path>& borrowed = {});

  const std::filesystem::path& path() const { return path_; }
  const ModelLayout& layout() const { return *layout_; }
  const ModelDefaults& defaults() const { return defaults_; }

  /// Whether the part is there and of a class that the engine implements.
  bool has(std::string_view part) const;
  /// The part's folder. Throws Error where has() is false, which says how to borrow it.
  std::filesystem::path folder(std::string_view part) const;
  /// The part's config.json, scheduler_config.json or preprocessor_config.json.
  Config config(std::string_view part) const;
  /// The part's weights; opening them reads the headers alone.
  Checkpoint weights(std::string_view part) const;

  /// Every part that was found, usable or not, in the order of the layout.
  const std::vector<ModelPart>& parts() const { return parts_; }

 private:
  const ModelPart& usable(std::string_view part) const;

  std::filesystem::path path_;
  const ModelLayout* layout_ = nullptr;
  ModelDefaults defaults_;
  std::vector<ModelPart> parts_;
};

}  // namespace unclip
