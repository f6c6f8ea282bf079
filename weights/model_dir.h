#pragma once

#include <filesystem>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "base/config.h"
#include "weights/checkpoint.h"
#include "weights/model_defaults.h"

namespace unclip {

/// What the engine knows about a part by its name.
struct PartKind {
  std::string name;                    // of the part and of its folder: "prior"
  std::vector<std::string> classes;    // that model_index.json may give it, the usual one first
  std::vector<std::string> libraries;  // likewise
  std::vector<std::string> configs;    // its files besides weights; the folder has at least one
  std::string weights;                 // stem of its weight files; empty: it has none
};

/// All twelve parts, in the order in which a picture passes through them, schedulers last.
const std::vector<PartKind>& part_kinds();

/// A part of a model, as it was found.
struct ModelPart {
  const PartKind* kind;
  std::string class_name;
  std::filesystem::path folder;
  std::string trouble;  // empty, or the message that says why it cannot be used
};

/// Where each part of a model lies: a hub folder in Karlo's layout, perhaps with parts that are
/// borrowed from elsewhere.
class ModelDir {
 public:
  /// Reads model_index.json and unclip.json, and no weights. A known part that the index does
  /// not list counts where its folder is there.
  /// `borrowed`: part -> its own folder, or a model folder that holds it; they replace the folder's
  /// own. Throws Error where `dir` is no model folder, its index is not valid or lists a part that
  /// the engine does not know, and where a borrowed part is not where it should be.
  static ModelDir open(const std::filesystem::path& dir,
                       const std::map<std::string, std::filesystem::path>& borrowed = {});

  const std::filesystem::path& path() const { return path_; }
  const ModelDefaults& defaults() const { return defaults_; }

  /// Whether the part is there and of a class that the engine implements.
  bool has(std::string_view part) const;
  /// The part's folder. Throws Error where has() is false, which says how to borrow it.
  std::filesystem::path folder(std::string_view part) const;
  /// The part's config.json, scheduler_config.json or preprocessor_config.json.
  Config config(std::string_view part) const;
  /// The part's weights; opening them reads the headers alone.
  Checkpoint weights(std::string_view part) const;

  /// Every part that was found, usable or not, in the order of part_kinds().
  const std::vector<ModelPart>& parts() const { return parts_; }

 private:
  const ModelPart& usable(std::string_view part) const;

  std::filesystem::path path_;
  ModelDefaults defaults_;
  std::vector<ModelPart> parts_;
};

}  // namespace unclip
