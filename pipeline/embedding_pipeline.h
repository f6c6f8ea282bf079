#pragma once

#include <memory>
#include <vector>

#include "pipeline/embeddings.h"
#include "pipeline/model_configs.h"
#include "pipeline/text_to_image.h"

namespace unclip {

class Batch;

constexpr int64_t kInversionSteps = 100;

/// How far a text diff turns, and the guidance at which it decodes from the picture's own noise: at
/// 1, where the inversion is, the noise holds the picture fast against a small change.
constexpr double kDiffTheta = 0.4;
constexpr double kDiffGuidance = 2;

/// How a picture is walked back to its noise.
struct InvertOptions {
  int64_t steps = kInversionSteps;
  int64_t iterations = 1;  // evaluations of the decoder a step; more are nearer (see WalkOptions)
  int64_t batch_size = 1;  // pictures at a time
  OnProgress on_progress;
};

/// The two halves of TextToImage by themselves, with CLIP's image tower: what leads into the space
/// of embeddings, and out of it. Ramesh et al. 2022, section 3, https://arxiv.org/abs/2204.06125
class EmbeddingPipeline {
 public:
  /// Reads the folder's configs; weights are read when they are first needed. Throws Error where
  /// a part that `needs` names is missing, asks for what is not implemented, or does not fit its
  /// neighbours.
  static EmbeddingPipeline load(const std::filesystem::path& dir, const Needs& needs,
                                const PipelineOptions& options = {});
  ~EmbeddingPipeline();
  EmbeddingPipeline(EmbeddingPipeline&&) noexcept;
  EmbeddingPipeline& operator=(EmbeddingPipeline&&) noexcept;

  const ModelDir& model() const;
  const Needs& needs() const;
  Settings settings(const GenerateOptions& options) const;
  /// D, of a model whose text or image encoder is needed.
  int64_t width() const;

  /// pictures, each uint8 (3, H, W) of any size -> (B, D) float32. Needs the image encoder.
  /// Throws Error if the model computes numbers that are not finite. So for the next two.
  at::Tensor encode_pictures(const std::vector<at::Tensor>& pictures);
  /// -> (B, D) float32. Needs the text encoder. Throws Error for a prompt that is not UTF-8.
  at::Tensor encode_texts(const std::vector<std::string>& prompts);

  /// options.count image embeddings of each prompt, in order, with the prompts' text embeddings.
  /// decode() goes on where this ends: both together are TextToImage::generate. Needs text and
  /// prior.
  Embeddings prior(const std::vector<std::string>& prompts, const GenerateOptions& options = {});

  /// A picture of each row's image embedding, with the noise of its seed behind its `draws`; a row
  /// without a prompt is told the empty one. The decoder's walk begins at embeddings.start's x_T
  /// where that is there, of noise_sizes(), and the seed then gives the rest of the noise alone.
  /// options.count and options.seed are not read: every row has a seed. embeddings.start's walk is
  /// not read either: options.decoder_walk is. Needs text and decoder.
  std::vector<GeneratedImage> decode(const Embeddings& embeddings,
                                     const GenerateOptions& options = {});

  /// The (C, h, w) of the decoder's x_T.
  std::vector<int64_t> noise_sizes() const;

  /// DDIM inversion: for each row the x_T from which "ddim" leads back to its picture, by the row's
  /// image embedding and prompt, at guidance 1 and without clipping. `pictures`, each uint8
  /// (3, H, W), are brought to the decoder's size as for CLIP: the short side resized, the middle
  /// cut out. Needs text and decoder. Ramesh et al. 2022, section 3.
  StartNoise invert(const Embeddings& rows, const std::vector<at::Tensor>& pictures,
                    const InvertOptions& options = {});
  /// How near the walk that rows.start tells comes to each row's picture, at the decoder's size:
  /// the peak signal-to-noise ratio in dB, 10 log10(1 / mean (x - y)^2) of pixels in [0, 1].
  std::vector<double> reconstruction_psnr(const Embeddings& rows,
                                          const std::vector<at::Tensor>& pictures,
                                          const InvertOptions& options = {});

 private:
  /// Calls `work` with each batch of the rows, its texts encoded, and its pictures at the decoder's
  /// size, (B, 3, h, w) in [-1, 1].
  void with_pictures(const Embeddings& rows, const std::vector<at::Tensor>& pictures,
                     const InvertOptions& options,
                     const std::function<void(Batch&, const at::Tensor& small)>& work);
  explicit EmbeddingPipeline(std::unique_ptr<Stages> stages);
  std::unique_ptr<Stages> stages_;
};

/// Embeddings without rows, which name the model.
Embeddings embeddings_of(const ModelDir& model);

/// The options of a walk that begins at x_T of an inversion: as `walk` says, but for decoder_steps
/// that are set, and at `guidance` but for a scale that is set. At 1 it leads back to the
/// picture.
GenerateOptions from_inversion(GenerateOptions options, const WalkOptions& walk,
                               double guidance = 1);

/// For each prompt's `count` rows that follow each other, the `keep` whose image embedding is
/// nearest to the text's by cosine, the nearest first. Ramesh et al. 2022, section 2.2: the prior
/// is sampled twice, and the sample with the higher dot product is taken.
Embeddings nearest_to_text(const Embeddings& embeddings, int64_t count, int64_t keep);

}  // namespace unclip
