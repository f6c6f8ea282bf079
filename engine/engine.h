#pragma once

#include <memory>
#include <string>
#include <vector>

#include "embedding/embeddings.h"
#include "pipeline/family.h"
#include "pipeline/options.h"
#include "pipeline/plan.h"

namespace unclip {

/// Steps of a DDIM inversion, by default.
constexpr int64_t kInversionSteps = 100;

/// Defaults of text diffs: how far they turn an embedding, and the decoder's guidance if it starts
/// from inverted noise. At 1, the inversion's own guidance, a small change of z hardly shows.
constexpr double kDiffTheta = 0.4;
constexpr double kDiffGuidance = 2;

/// How an image is inverted.
struct InvertOptions {
  int64_t steps = kInversionSteps;
  int64_t iterations = 1;  // evaluations of the decoder per step; more come nearer
  int64_t batch_size = 1;  // images at a time
  std::optional<int64_t> height = {}, width = {};  // of the images, as in GenerateOptions
  OnProgress on_progress = {};
};

/// A model of any family, loaded from a folder: texts, image embeddings and images in, image
/// embeddings and images out. A call that needs what `Needs` did not name throws c10::Error.
///
/// Threads: an Engine may be used by one thread at a time, and moved between threads between calls.
/// Several Engines may be used at once, each by its own thread; they share no state but the weight
/// files, which are mapped read-only, and libtorch's threads. add_family() and libtorch's settings
/// (at::set_num_threads) belong before the first Engine. Callbacks are called in the calling
/// thread.
class Engine {
 public:
  /// Reads the folder's configs, and checks everything that `needs` names; weights are read when
  /// they are first needed. Throws Error if a part is missing, asks for what is not implemented, or
  /// does not fit the others. `options.parts` names parts to take from other folders.
  static Engine load(const std::filesystem::path& dir, const Needs& needs,
                     const PipelineOptions& options = {});
  /// The same for making images from prompts.
  static Engine load(const std::filesystem::path& dir, const PipelineOptions& options = {});
  ~Engine();
  Engine(Engine&&) noexcept;
  Engine& operator=(Engine&&) noexcept;

  const ModelDir& model() const;
  const Needs& needs() const;
  /// D. Needs a text or an image encoder.
  int64_t width() const;
  /// Sizes of the images that decode() makes. Needs the decoder.
  ImageSizes image_sizes() const;
  /// The class in the scheduler config of the stage that reads z. Needs the decoder.
  const std::string& scheduler_class() const;
  /// (C, h, w) of the decoder's x_T for images of a size. Needs the decoder. Throws Error if the
  /// model makes no images of the size that the options ask for.
  std::vector<int64_t> noise_sizes(const GenerateOptions& options = {}) const;

  /// The parts whose networks are in memory now.
  std::vector<std::string> loaded_parts() const;

  /// The options, completed by preset and model. Throws Error for an unknown preset, or a size of
  /// images that the model does not make.
  Plan plan(const GenerateOptions& options) const;
  /// Evaluations of a stage's network for an image.
  int64_t evaluations(const StagePlan& stage) const;

  /// Makes options.count images of each prompt, in order. With options.on_image the images go
  /// there, and none is returned. Throws Error for a prompt that is not UTF-8, a stage that the
  /// model lacks, and for steps or
  /// samplers that the model's schedules do not allow; Cancelled if options.on_progress says so.
  /// Needs text, prior and decoder.
  std::vector<GeneratedImage> generate(const std::vector<std::string>& prompts,
                                       const GenerateOptions& options = {});

  /// options.count image embeddings of each prompt, in order, with the prompts' text embeddings.
  /// decode() continues where this ends: both together are generate(). Needs text and prior.
  Embeddings prior(const std::vector<std::string>& prompts, const GenerateOptions& options = {});

  /// Makes an image of each row's embedding, with the noise of its seed after its `draws`; a row
  /// without a prompt gets the empty one. If embeddings.start has an x_T of noise_sizes(), the
  /// decoder begins there, and the seed gives only the rest of the noise. options.count and
  /// options.seed are not read, as every row has a seed; nor is embeddings.start.walk: pass it
  /// through from_inversion(). Needs text and decoder.
  std::vector<GeneratedImage> decode(const Embeddings& embeddings,
                                     const GenerateOptions& options = {});

  /// The same for rows of any kind, which are a part of a larger run: image i has the index
  /// place.first + i. All rows have an embedding, or none has.
  std::vector<GeneratedImage> make_images(std::vector<Row> rows, const GenerateOptions& options,
                                          const RunPlace& place);

  /// images, each uint8 (3, H, W) of any size -> (B, D) float32 on the CPU. Needs the image
  /// encoder. Throws Error if the model computes values that are not finite; so do prior() and the
  /// next one.
  at::Tensor encode_images(const std::vector<at::Tensor>& images);
  /// -> (B, D) float32 on the CPU. Needs the text encoder. Throws Error for a text that is not
  /// UTF-8.
  at::Tensor encode_texts(const std::vector<std::string>& texts);

  /// DDIM inversion: for each row the x_T from which "ddim" leads back to its image, with the row's
  /// image embedding and prompt, at guidance 1 and without clipping. `images`, each uint8 (3, H,
  /// W), are brought to the decoder's size as CLIP's are: the short side resized, the middle cut
  /// out. Needs text and decoder. Ramesh et al. 2022, section 3, https://arxiv.org/abs/2204.06125
  StartNoise invert(const Embeddings& rows, const std::vector<at::Tensor>& images,
                    const InvertOptions& options = {});
  /// How near sampling from rows.start comes to each row's image, at the decoder's size: the peak
  /// signal-to-noise ratio in dB, 10 log10(1 / mean (x - y)^2) of pixels in [0, 1].
  std::vector<double> reconstruction_psnr(const Embeddings& rows,
                                          const std::vector<at::Tensor>& images,
                                          const InvertOptions& options = {});

 private:
  explicit Engine(std::unique_ptr<Model> model);
  /// Throws c10::Error unless `loaded`.
  void expect_needs(bool loaded, const char* call, const char* need) const;
  /// Of what Model::invert() takes for images of a size.
  ImageSize decoder_size(const ImageSize& image) const;
  /// The plan, checked against the schedules of the model's stages.
  Plan checked_plan(const GenerateOptions& options) const;
  std::unique_ptr<Model> model_;
};

/// Embeddings without rows, which name the model.
Embeddings embeddings_of(const ModelDir& model);

/// Options for sampling from the x_T of an inversion: the decoder samples as `walk` says, except
/// for steps that are set, and at `guidance`, except for a scale that is set. At 1 it leads back to
/// the image.
GenerateOptions from_inversion(GenerateOptions options, const WalkOptions& walk,
                               const ModelLayout& layout, double guidance = 1);

/// Of each prompt's `count` consecutive rows, the `keep` whose image embedding is nearest to the
/// text's by cosine, the nearest first. Ramesh et al. 2022, section 2.2: the prior is sampled
/// twice, and the sample with the higher dot product is taken.
Embeddings nearest_to_text(const Embeddings& embeddings, int64_t count, int64_t keep);

}  // namespace unclip
