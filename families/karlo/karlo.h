#pragma once

#include "clip/image_encoder.h"
#include "clip/text_encoder.h"
#include "families/karlo/check.h"
#include "families/karlo/decoder.h"
#include "families/karlo/super_resolution.h"
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

  at::Tensor prior(Run& run) override;
  at::Tensor decode(const at::Tensor& z, Run& run) override;
  at::Tensor invert(const at::Tensor& z, const at::Tensor& images, Run& run) override;
  at::Tensor encode_texts(const std::vector<std::string>& texts) override;
  at::Tensor encode_images(const std::vector<at::Tensor>& images) override;

  int64_t embedding_width() const override;
  std::vector<int64_t> noise_sizes() const override;
  ImageSizes image_sizes() const override;

 private:
  /// Tokens of B texts, after those of the text that their unconditional rows have.
  struct TokenizedTexts {
    at::Tensor token_ids, mask;  // (2 B, T), [unconditional..., conditional...]
    std::vector<std::string>
        cuts;  // B: words of a text and the unconditional one that are not read
  };
  TokenizedTexts tokenize(const std::vector<std::string>& texts,
                          const std::string& unconditional) const;
  TextCondition encode(const TokenizedTexts& texts);
  /// The texts of a run, 2 B rows. Texts that equal those of the run before are not encoded again.
  const TextCondition& encode_texts_of(Run& run);

  DecoderNetworks decoder_networks();
  SuperResolutionNetworks super_resolution_networks();

  at::Device device_;
  CheckedModel checked_;
  NetworkSlot<TextEncoder, ClipTextConfig> text_encoder_;
  NetworkSlot<ImageEncoder, ClipVisionConfig> image_encoder_;
  NetworkSlot<PriorTransformer, PriorConfig> prior_;
  NetworkSlot<TextProjection, TextProjectionConfig> text_proj_;
  NetworkSlot<UNet, UNetConfig> decoder_, super_res_first_, super_res_last_;

  std::vector<std::string> last_texts_;  // prompts of the run before, and the unconditional text
  TokenizedTexts last_tokens_;
  TextCondition last_condition_;
};

/// See families/registry.h.
const Family& family();

}  // namespace unclip::karlo
