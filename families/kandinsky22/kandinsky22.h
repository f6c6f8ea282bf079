#pragma once

#include "families/kandinsky22/check.h"
#include "families/kandinsky22/decoder.h"
#include "families/shared/clip_images.h"
#include "families/shared/clip_texts.h"
#include "pipeline/family.h"
#include "prior/prior_transformer.h"
#include "vae/autoencoder.h"

namespace unclip::kandinsky22 {

/// Kandinsky 2.2: text -> prior -> latent, from only the image embedding -> MoVQ.
/// Razzhigaev et al. 2023, https://arxiv.org/abs/2310.03502
class Kandinsky22 : public Model {
 public:
  /// `checked` was read from `folder`.
  Kandinsky22(const ModelDir& folder, const PipelineOptions& options, const Needs& needs,
              CheckedModel checked);

  /// With a negative prompt, also its embedding.
  ImageEmbedding prior(Run& run) override;
  /// Guided by the negative embedding, or if there is no negative prompt by the embedding of an
  /// image of zeros. Throws Error if there is a negative prompt without an embedding.
  at::Tensor decode(const ImageEmbedding& embedding, Run& run) override;
  at::Tensor preview(const at::Tensor& latent) override;
  at::Tensor invert(const at::Tensor& z, const at::Tensor& images, Run& run) override;
  at::Tensor encode_texts(const std::vector<std::string>& texts) override;
  at::Tensor encode_images(const std::vector<at::Tensor>& images) override;

  int64_t embedding_width() const override;
  std::vector<int64_t> noise_sizes(const ImageSize& size) const override;
  ImageSizes image_sizes() const override;

 private:
  /// (B, D), for guidance.
  at::Tensor negative_embedding(const ImageEmbedding& embedding, const Run& run);
  UNetNetwork unet_network();

  at::Device device_;
  CheckedModel checked_;
  ClipTexts texts_;
  ClipImages images_;
  NetworkSlot<PriorTransformer, PriorConfig> prior_;
  NetworkSlot<UNet, UNetConfig> unet_;
  NetworkSlot<Autoencoder, VaeConfig> movq_;
  at::Tensor zero_image_;  // (D), the embedding of an image of zeros, once it is known
};

/// See families/registry.h.
const Family& family();

}  // namespace unclip::kandinsky22
