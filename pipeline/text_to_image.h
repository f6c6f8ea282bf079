#pragma once

#include <ATen/core/Tensor.h>

#include <cstdint>
#include <filesystem>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "pipeline/stage.h"
#include "weights/model_dir.h"

namespace unclip {

class Stages;

/// How a model is held.
struct PipelineOptions {
  at::Device device = at::kCPU;
  at::ScalarType dtype = at::kFloat;  // of the networks; the walk itself is float32
  bool low_memory = false;            // free each stage's weights when it ends
  /// Parts that come from elsewhere: name -> its folder, or a model folder that holds it.
  std::map<std::string, std::filesystem::path> parts;
};

struct GeneratedImage {
  std::string prompt;
  uint64_t seed = 0;
  int64_t draws = 0;           // of D numbers, of its generator, before its first stage
  int64_t index = 0;           // in the run, prompt by prompt
  std::string cut;             // words of the prompts that the model does not read; mostly none
  at::Tensor token_ids;        // (T) int64
  at::Tensor text_embedding;   // (D)
  at::Tensor image_embedding;  // (D)
  at::Tensor x_T;              // (C, h, w), where the decoder's walk began; undefined: drawn
  at::Tensor image_small;      // (3, h, w) in [-1, 1]
  at::Tensor image;            // (3, H, W) in [0, 1]
  double seconds = 0;          // its share of its batch's time
  std::optional<double> clip_similarity;  // cosine of picture and prompt, where BestOf measured it
};

/// Guidance whose scale may be left to the model.
struct GuidanceOptions {
  std::optional<double> scale;
  Guidance others = {};  // but for its scale

  Guidance filled(double otherwise) const;
};

/// What is left open has the model's own default.
struct GenerateOptions {
  int64_t count = 1;       // pictures of each prompt
  uint64_t seed = 0;       // picture i of the run has seed + i
  int64_t batch_size = 1;  // pictures at a time; does not change them
  std::optional<int64_t> prior_steps, decoder_steps, super_res_steps;
  GuidanceOptions prior_guidance, decoder_guidance;
  /// What the pictures should not show: the text of the unconditional rows, of prior and decoder.
  std::string negative_prompt;
  /// In place of the model's own samplers. Their steps hold where the ones above are absent; where
  /// both are, 0 here means as many as timesteps are listed, else the model's default.
  std::optional<WalkOptions> prior_walk, decoder_walk, super_res_walk;
  OnProgress on_progress;
  OnWatch on_watch;  // told of each step of prior, decoder and super-resolution
  std::function<void(GeneratedImage&&)> on_image;  // takes each picture as soon as it is there
};

/// GenerateOptions with the model's defaults filled in.
struct Settings {
  WalkOptions prior_walk, decoder_walk, super_res_walk;
  Guidance prior_guidance, decoder_guidance;
};
Settings settings_of(const GenerateOptions& options, const ModelDefaults& defaults);

/// A text-to-image model in a hub folder of Karlo's layout.
/// Ramesh et al. 2022, section 2, https://arxiv.org/abs/2204.06125
class TextToImage {
 public:
  /// Reads the folder's configs and tokenizer; weights are read when their stage first runs.
  /// Throws Error where a part is missing, asks for what is not implemented, or does not fit its
  /// neighbours.
  static TextToImage load(const std::filesystem::path& dir, const PipelineOptions& options = {});
  ~TextToImage();
  TextToImage(TextToImage&&) noexcept;
  TextToImage& operator=(TextToImage&&) noexcept;

  /// Paints options.count pictures of each prompt, in order. With options.on_image the pictures go
  /// there and none is returned. Throws Error for a prompt that is not UTF-8 and for steps that the
  /// schedule does not have; Cancelled where options.on_progress says so.
  std::vector<GeneratedImage> generate(const std::vector<std::string>& prompts,
                                       const GenerateOptions& options = {});

  Settings settings(const GenerateOptions& options) const;
  const ModelDir& model() const;

 private:
  explicit TextToImage(std::unique_ptr<Stages> stages);
  std::unique_ptr<Stages> stages_;
};

}  // namespace unclip
