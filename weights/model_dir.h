#pragma once

#include <filesystem>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/config.h"
#include "weights/checkpoint.h"
#include "weights/model_defaults.h"
#include "weights/model_layout.h"

namespace unclip {

/// What a family makes of a part that its authors' own files hold, which have another form than the
/// hubs' folders.
struct OriginalPart {
  Config config;
  std::function<Checkpoint()> open;  // opens its weights; empty: it has none
};

/// A part that was found in a model's folders.
struct ModelPart {
  const PartSpec* spec;
  std::string class_name;
  std::filesystem::path folder;
  std::string trouble;  // why it cannot be used, for messages; empty: it can
  std::shared_ptr<const OriginalPart> original = nullptr;  // null: the folder is of the hubs' form

  /// The first of its configs.
  Config config() const;
  /// Its weights; opening them reads only the headers. The part must have some.
  Checkpoint weights() const;
};

/// The model_index.json of a model folder. Throws Error if `dir` is not a model folder, or the file
/// has no `_class_name`.
Config read_model_index(const std::filesystem::path& dir);

/// The location of each part of a model: in the model's folder, in a companion folder, or borrowed
/// from another model. A companion that is a repository of its own (PartSpec::companion) is looked
/// for in the hub's cache that holds the model. families/registry.h finds the layout that a folder
/// has.
class ModelDir {
 public:
  /// Reads model_index.json and unclip.json, and no weights. A part that the index does not list
  /// counts as found if its folder exists.
  /// `borrowed` maps a part to its own folder, or to a model folder that holds it; borrowed parts
  /// replace those of `dir`. Throws Error if `dir` is not a model folder of this layout, if its
  /// index is not valid or lists a part that the layout lacks, or if a borrowed part is not in the
  /// given folder. `layout` must outlive the result.
  static ModelDir open(const std::filesystem::path& dir, const ModelLayout& layout,
                       const std::map<std::string, std::filesystem::path>& borrowed = {});

  /// A model in another form, whose usable parts the caller has found, in the order of the layout.
  static ModelDir of_parts(const std::filesystem::path& dir, const ModelLayout& layout,
                           const std::string& class_name, std::vector<ModelPart> parts,
                           const std::map<std::string, std::filesystem::path>& borrowed);
  /// The part in a folder of its own; nothing if the folder has none of its configs.
  static std::optional<ModelPart> part_in_folder(const std::filesystem::path& folder,
                                                 const PartSpec& spec);

  const std::filesystem::path& path() const { return path_; }
  const ModelLayout& layout() const { return *layout_; }
  /// `_class_name` of its model_index.json, one of the layout's classes.
  const std::string& class_name() const { return class_name_; }
  const ModelDefaults& defaults() const { return defaults_; }

  /// Whether the part was found and is of a class that the engine implements.
  bool has(std::string_view part) const;
  /// The part's folder. Throws Error if has() is false; the message says how to borrow the part.
  std::filesystem::path folder(std::string_view part) const;
  /// The part's config.json, scheduler_config.json or preprocessor_config.json.
  Config config(std::string_view part) const;
  /// The part's weights; opening them reads only the headers.
  Checkpoint weights(std::string_view part) const;

  /// Every part that was found, usable or not, in the order of the layout.
  const std::vector<ModelPart>& parts() const { return parts_; }

 private:
  const ModelPart& usable(std::string_view part) const;

  std::filesystem::path path_;
  const ModelLayout* layout_ = nullptr;
  std::string class_name_;
  ModelDefaults defaults_;
  std::vector<ModelPart> parts_;
};

}  // namespace unclip
