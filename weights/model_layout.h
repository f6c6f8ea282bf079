#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace unclip {

/// A part of a model: a network, a scheduler, a tokenizer or a preprocessor, in a folder of its
/// own.
struct PartSpec {
  std::string name;                    // unique in the model: "prior", as --part and info call it
  std::vector<std::string> classes;    // that model_index.json may name, the usual one first
  std::vector<std::string> libraries;  // likewise
  std::vector<std::string> configs;    // its files besides weights; the folder has at least one
  std::string weights;                 // stem of its weight files; empty: it has none
  std::string folder = {};             // its folder and its key in model_index.json; empty: `name`
  /// The name of the CompanionSpec whose folder holds the part and lists it in its own
  /// model_index.json; empty: the model's main folder.
  std::string home = {};

  const std::string& key() const { return folder.empty() ? name : folder; }
};

/// The two halves of every model: text -> z, the CLIP image embedding, and z -> image.
enum class Half { kPrior, kDecoder };

/// A stage: a sampling run of one noise schedule, with its own options and defaults.
struct StageSpec {
  std::string name;   // in flags: "prior" of --prior-steps
  std::string label;  // in progress lines
  std::string title;  // in a sentence: "the prior"
  Half half = Half::kPrior;
  std::string scheduler;       // the part that holds its scheduler_config.json
  int64_t steps = 25;          // by default
  int64_t fast_steps = 4;      // of the preset `fast`
  int64_t balanced_steps = 8;  // of the preset `balanced`
  double guidance = 1;         // by default; always 1 if it is not guided
  std::string steps_help;      // what its steps do: "steps from noise to an image embedding"
  std::string guidance_help;   // what guidance does; empty: the stage is not guided

  bool guided() const { return !guidance_help.empty(); }
  /// The name in JSON, CSV and file names, with _ for -.
  std::string key() const;
};

/// The stage of that name; null if there is none.
const StageSpec* find_stage(const std::vector<StageSpec>& stages, const std::string& name);
/// The stage that reads z: the first of the decoder's half. Throws c10::Error if there is none.
const StageSpec& decoder_stage(const std::vector<StageSpec>& stages);
/// The stages' names, in their order.
std::vector<std::string> stage_names(const std::vector<StageSpec>& stages);

/// A second folder of a model, published apart from the main one. weights/companion.h says where it
/// is looked for.
struct CompanionSpec {
  std::string name;                  // "prior", as PartSpec::home calls it
  std::vector<std::string> classes;  // that its model_index.json may name; empty: any
  std::string repository = {};       // that publishes it, "owner/name"; empty: none
  /// The key at the top of the main repository's README.md that names another repository, as in
  /// `prior: - owner/name`; empty: none.
  std::string readme_key = {};
};

/// What the folders of a model family hold.
struct ModelLayout {
  std::string name;                  // "karlo"
  std::vector<std::string> classes;  // that model_index.json may name, the usual one first
  std::string repository = {};       // that publishes the main folder; empty: several do
  std::vector<CompanionSpec> companions = {};
  std::vector<PartSpec> parts;    // in the order in which an image passes them, schedulers last
  std::vector<StageSpec> stages;  // in their order; the first of the decoder's half reads z
  /// Whether the prior makes an embedding of the negative prompt, which guides the decoder; if not,
  /// the decoder reads texts.
  bool negative_embedding = false;

  /// Whether the main folder or a companion may have this class in its model_index.json.
  bool has_class(const std::string& class_name) const;
  /// The companion with this class; empty: the class is the main folder's.
  std::string home_of_class(const std::string& class_name) const;
  /// Null if there is none of that name.
  const CompanionSpec* companion(const std::string& name) const;
  /// Null if there is none of that name.
  const PartSpec* part(const std::string& name) const;
  const StageSpec* stage(const std::string& name) const;
  const StageSpec& decoder_stage() const { return unclip::decoder_stage(stages); }
};

/// "some-stage" -> "some_stage"
std::string stage_key(std::string name);

}  // namespace unclip
