#pragma once

#include <string>
#include <vector>

#include "families/shared/part_checks.h"
#include "prior/prior_config.h"
#include "weights/model_layout.h"

namespace unclip {

// What families have in common whose prior is a PriorTransformer that reads CLIP's texts.

/// The parts tokenizer, text_encoder, feature_extractor, image_encoder and prior. `home`: see
/// PartSpec. `preprocessor`: the folder of feature_extractor; empty: its name.
std::vector<PartSpec> clip_prior_parts(const std::string& home = {},
                                       const std::string& preprocessor = {});
/// Family::check_part of these parts.
std::vector<PartCheck> clip_prior_checks();

/// The stage "prior", of the scheduler "prior_scheduler", with the steps of two presets.
StageSpec prior_stage(int64_t fast_steps, int64_t balanced_steps);

/// Throws Error unless the prior reads what the text encoder computes.
void expect_prior_fits(const ModelDir& model, const PriorConfig& prior, const ClipTextConfig& text);

}  // namespace unclip
