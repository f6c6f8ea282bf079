#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "pipeline/network_slot.h"
#include "pipeline/run.h"

namespace unclip {

/// What a task needs of a model.
struct Needs {
  bool text = false;           // encoding texts; a half that reads texts adds it by itself
  bool prior = false;          // text -> image embedding
  bool decoder = false;        // image embedding -> image
  bool image_encoder = false;  // encoding images
};

/// The sizes of what a model makes; zeros: it makes no images.
struct ImageSizes {
  ImageSize image;       // of images, if options do not say
  ImageSize decoder;     // of the images that Model::preview() makes of the decoder's first stage
  int64_t multiple = 0;  // of the sides of images that options may ask for; 0: they may not
};

/// Image embeddings of B rows.
struct ImageEmbedding {
  at::Tensor z;         // (B, D) float32
  at::Tensor negative;  // (B, D) of the negative prompt, if the family's prior makes it of that
};

/// A model whose configs are read and checked, in two halves that meet at z, the CLIP image
/// embedding. B is the number of a run's rows. One thread at a time may call it.
/// Ramesh et al. 2022, section 2, https://arxiv.org/abs/2204.06125
class Model {
 public:
  /// Reads the scheduler configs of the stages that `needs` names. `parts`: the parts with weights
  /// that they need.
  Model(const ModelDir& folder, const PipelineOptions& options, const Needs& needs,
        std::vector<std::string> parts);
  virtual ~Model() = default;
  Model(const Model&) = delete;
  Model& operator=(const Model&) = delete;

  const ModelDir& folder() const { return folder_; }
  const Needs& needs() const { return needs_; }
  const Run::Schedulers& schedulers() const { return schedulers_; }
  Memory& memory() { return memory_; }

  /// Text -> image embedding.
  virtual ImageEmbedding prior(Run& run) = 0;
  /// Image embedding -> images (B, 3, H, W) in about [-1, 1].
  virtual at::Tensor decode(const ImageEmbedding& embedding, Run& run) = 0;
  /// What the decoder's first stage samples, (B, C, h, w), as images (B, 3, H', W') in about
  /// [-1, 1]. By default it samples images.
  virtual at::Tensor preview(const at::Tensor& x_0);
  /// DDIM inversion of the decoder's first stage: images (B, 3, H', W') in [-1, 1] of the size
  /// ImageSizes::decoder -> the x_T from which z leads back to them. Section 3 of the paper.
  virtual at::Tensor invert(const at::Tensor& z, const at::Tensor& images, Run& run) = 0;
  /// -> (N, D) float32
  virtual at::Tensor encode_texts(const std::vector<std::string>& texts) = 0;
  /// images, each uint8 (3, H, W) of any size -> (N, D) float32
  virtual at::Tensor encode_images(const std::vector<at::Tensor>& images) = 0;

  /// D
  virtual int64_t embedding_width() const = 0;
  /// (C, h, w) of the x_T from which the decoder makes images of a size that resolve_size()
  /// returned.
  virtual std::vector<int64_t> noise_sizes(const ImageSize& size) const = 0;
  virtual ImageSizes image_sizes() const = 0;
  /// The size of the images that the model makes if options ask for one: the next larger possible
  /// one. Throws Error if the model makes images of one size only, and that is another one.
  ImageSize resolve_size(const GenerateOptions& options) const;

 private:
  ModelDir folder_;
  Needs needs_;
  Memory memory_;
  Run::Schedulers schedulers_;
};

/// The scheduler configs of the stages that `needs` names.
Run::Schedulers read_schedulers(const ModelDir& folder, const Needs& needs);
/// Throws Error unless every stage that has a scheduler here can sample as planned: its steps, its
/// sampler and the sampler's options.
void check_plan(const Plan& plan, const Run::Schedulers& schedulers);

}  // namespace unclip
