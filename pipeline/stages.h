#pragma once

#include <initializer_list>
#include <memory>
#include <set>
#include <string>

#include "clip/image_encoder.h"
#include "clip/text_encoder.h"
#include "nn/noise_source.h"
#include "pipeline/check_model.h"
#include "pipeline/preprocess.h"
#include "pipeline/replay.h"
#include "pipeline/sample_decoder.h"
#include "pipeline/sample_super_resolution.h"
#include "pipeline/text_to_image.h"
#include "prior/prior_transformer.h"
#include "unet/text_projection.h"
#include "unet/unet.h"
#include "weights/load.h"

namespace unclip {

/// A network that is loaded when it is first asked for.
template <class Network, class NetworkConfig>
class Lazy {
 public:
  Lazy(const char* part, NetworkConfig config) : part_(part), config_(std::move(config)) {}

  const std::shared_ptr<Network>& get(const ModelDir& model, const PipelineOptions& options) {
    if (!network_) {
      auto fresh = std::make_shared<Network>(config_);
      unclip::load(*fresh, model.weights(part_),
                   {.dtype = options.dtype, .device = options.device});
      network_ = std::move(fresh);
    }
    return network_;
  }
  /// Of the network's evaluations; as long-lived as its weights.
  const std::shared_ptr<Replay>& replay() const { return replay_; }
  /// Of all evaluations so far.
  std::set<std::string> refusals() const {
    auto all = refusals_;
    all.insert(replay_->refusals().begin(), replay_->refusals().end());
    return all;
  }
  void free() {
    refusals_ = refusals();
    network_ = nullptr;
    replay_ = std::make_shared<Replay>();
  }

 private:
  const char* part_;
  NetworkConfig config_;
  std::shared_ptr<Network> network_;
  std::shared_ptr<Replay> replay_ = std::make_shared<Replay>();
  std::set<std::string> refusals_;  // of those before it
};

/// The texts of a batch of B pictures.
struct TokenizedTexts {
  at::Tensor token_ids, mask;  // (2 B, T), [unconditional..., conditional...]
  std::vector<std::string>
      cuts;  // words of each prompt and its negative that are not read; mostly none
};

/// The networks of all stages, and each stage as a function of the one before.
class Stages {
 public:
  /// Throws Error where check_model() does.
  Stages(const std::filesystem::path& dir, const PipelineOptions& options, const Needs& needs);

  const ModelDir& model() const { return model_; }
  const ModelConfigs& configs() const { return checked_.configs; }
  const Needs& needs() const { return needs_; }

  /// Reads a stage's weights now; else its first run does.
  void load(Stage stage);
  /// Why evaluations of a stage's networks so far were not recorded, where the device refused to.
  std::set<std::string> refusals(Stage stage) const;

  /// The unconditional rows have the text `negative`.
  TokenizedTexts tokenize(const std::vector<std::string>& prompts,
                          const std::string& negative = "") const;
  TextCondition encode_text(const TokenizedTexts& texts);
  /// pictures, each uint8 (3, H, W) of any size -> (B, D) float32
  at::Tensor encode_pictures(const std::vector<at::Tensor>& pictures);
  /// -> z (B, D) float32
  at::Tensor prior(const TextCondition& text, NoiseSource& noise, const StageOptions& stage);
  /// From x_T (B, C, h, w), undefined: drawn -> (B, 3, h, w) in [-1, 1]
  at::Tensor decoder(const TextCondition& text, const at::Tensor& z, const at::Tensor& x_T,
                     NoiseSource& noise, const StageOptions& stage);
  /// Small pictures (B, 3, h, w) in [-1, 1] -> the x_T of `stage.walk`, an inverse one
  at::Tensor inversion(const TextCondition& text, const at::Tensor& z, const at::Tensor& small,
                       const StageOptions& stage);
  /// -> (B, 3, H, W) in about [-1, 1]
  at::Tensor super_resolution(const at::Tensor& small, NoiseSource& noise,
                              const StageOptions& stage);

 private:
  /// Has the files of parts read from the disk while the stage before them runs.
  void read_ahead(std::initializer_list<const char*> parts);
  DecoderNetworks decoder_networks();
  SuperResolutionNetworks super_resolution_networks();
  void free_decoder();

  ModelDir model_;
  PipelineOptions options_;
  Needs needs_;
  CheckedModel checked_;
  Lazy<TextEncoder, ClipTextConfig> text_encoder_;
  Lazy<ImageEncoder, ClipVisionConfig> image_encoder_;
  Lazy<PriorTransformer, PriorConfig> prior_;
  Lazy<TextProjection, TextProjectionConfig> text_proj_;
  Lazy<UNet, UNetConfig> decoder_, super_res_first_, super_res_last_;
  std::set<std::string> read_ahead_;
};

}  // namespace unclip
