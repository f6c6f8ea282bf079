#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "weights/model_layout.h"

namespace unclip {

/// How a model is used unless options say otherwise: the family's defaults, changed by the optional
/// file unclip.json. Its keys, all optional, are name, STAGE_steps and STAGE_guidance of each
/// stage, mix_guidance, known_words and judge.
struct ModelDefaults {
  std::string name;               // OWNER/NAME for a hub snapshot, otherwise the folder's name
  std::vector<StageSpec> stages;  // those of the layout, with the file's steps and guidance
  double mix_guidance = 1;  // of the decoder when it mixes images; by default its usual guidance
  std::vector<std::string> known_words;  // empty: the model knows any word
  std::string judge;  // name of the judge that can check its images, "toybox"; empty: none

  /// Throws Error if the file has another key, steps below 1 or guidance below 0.
  static ModelDefaults read(const std::filesystem::path& model_dir, const ModelLayout& layout);

  /// Null if the model has no such stage.
  const StageSpec* stage(const std::string& stage) const;
};

}  // namespace unclip
