#pragma once

#include <ATen/core/Tensor.h>

#include <cstdint>
#include <filesystem>
#include <functional>
#include <map>
#include <optional>
#include <string>

#include "pipeline/progress.h"
#include "scheduler/denoise.h"
#include "scheduler/guidance.h"

namespace unclip {

class StageReuse;

/// Height and width in pixels.
struct ImageSize {
  int64_t height = 0, width = 0;

  friend bool operator==(const ImageSize&, const ImageSize&) = default;
};

/// How a model is held in memory.
struct PipelineOptions {
  at::Device device = at::kCPU;
  at::ScalarType dtype = at::kFloat;  // of the networks; sampling itself is in float32
  bool low_memory = false;            // hold only the networks of the current stage
  /// Parts that come from elsewhere: name -> its folder, or a model folder that holds it.
  std::map<std::string, std::filesystem::path> parts;
};

struct GeneratedImage {
  std::string prompt;
  uint64_t seed = 0;
  int64_t draws = 0;           // draws (of D numbers each) already taken from its generator
  int64_t index = 0;           // in the run, prompt by prompt
  std::string cut;             // words of the prompts beyond what the model reads; usually empty
  at::Tensor token_ids;        // (T) int64; undefined if the model reads no text for images
  at::Tensor text_embedding;   // (D); undefined likewise
  at::Tensor image_embedding;  // (D)
  at::Tensor negative_image_embedding;    // (D), of the negative prompt; undefined: there is none
  at::Tensor x_T;                         // (C, h, w), where the decoder began; undefined: drawn
  at::Tensor image_small;                 // (C, h, w), the result of the decoder's first stage
  at::Tensor image;                       // (3, H, W) in [0, 1]
  double seconds = 0;                     // its share of its batch's time
  std::optional<double> clip_similarity;  // cosine of image and prompt, if BestOf measured it
};

/// Guidance whose scale may be left to the model.
struct GuidanceOptions {
  std::optional<double> scale;
  Guidance others = {};  // everything but the scale

  Guidance filled(double fallback) const;
};

/// How a stage samples. What is left open is the preset's, else the model's.
struct StageOptions {
  std::optional<int64_t> steps;     // absent: as many as `walk` lists, else the preset's or model's
  std::optional<WalkOptions> walk;  // the sampler and its options; its own `steps` is not read
  GuidanceOptions guidance;         // of a guided stage
};

/// How images are made. What is left open is the model's.
struct GenerateOptions {
  int64_t count = 1;                           // images of each prompt
  uint64_t seed = 0;                           // image i of the run has seed + i
  int64_t batch_size = 1;                      // images at a time; does not change them
  std::string preset = "exact";                // one of preset_names()
  std::optional<int64_t> steps;                // of stages without steps of their own
  std::optional<double> guidance;              // of guided stages without a scale of their own
  std::optional<int64_t> height, width;        // in pixels; absent: the model's default
  std::map<std::string, StageOptions> stages;  // by StageSpec::name
  /// What the images should not show: the text of the unconditional rows. Absent: the model's own,
  /// usually the empty text.
  std::optional<std::string> negative_prompt;
  OnProgress on_progress;
  OnWatch on_watch;  // called after each step of each stage that has a schedule
  OnStep on_step;    // likewise, and before on_progress
  std::function<void(GeneratedImage&&)> on_image;  // takes each image as soon as it is made
  /// Takes stages' results from the calls before it if they were made from the same, and keeps the
  /// new ones. Belongs to one model. Null: every stage is sampled.
  StageReuse* reuse = nullptr;
};

}  // namespace unclip
