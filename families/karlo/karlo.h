#pragma once

#include "families/karlo/check.h"
#include "families/karlo/decoder.h"
#include "families/karlo/super_resolution.h"
#include "families/shared/clip_images.h"
#include "families/shared/clip_texts.h"
#include "pipeline/family.h"
#include "prior/prior_transformer.h"

namespace unclip::karlo {

/// Karlo, and every model in its layout: text -> prior -> decoder -> super-resolution, on pixels.
/// https://github.com/kakaobrain/karlo
class Karlo : public Model {
 public:
  /// `checked` was read from `folder`.
  Karlo(const ModelDir& folder, const PipelineOptions& options, const Needs& needs,
        CheckedModel checked);

  ImageEmbedding prior(Run& run) override;
  at::Tensor decode(const ImageEmbedding& embedding, Run& run) override;
  at::Tensor invert(const at::Tensor& z, const at::Tensor& images, Run& run) override;
  at::Tensor encode_texts(const std::vector<std::string>& texts) override;
  at::Tensor encode_images(const std::vector<at::Tensor>& images) override;

  int64_t embedding_width() const override;
  std::vector<int64_t> noise_sizes(const ImageSize& size) const override;
  ImageSizes image_sizes() const override;

 private:
  DecoderNetworks decoder_networks();
  SuperResolutionNetworks super_resolution_networks();

  at::Device device_;
  CheckedModel checked_;
  ClipTexts texts_;
  ClipImages images_;
  NetworkSlot<PriorTransformer, PriorConfig> prior_;
  NetworkSlot<TextProjection, TextProjectionConfig> text_proj_;
  NetworkSlot<UNet, UNetConfig> decoder_, super_res_first_, super_res_last_;
};

/// See families/registry.h.
const Family& family();

}  // namespace unclip::karlo
