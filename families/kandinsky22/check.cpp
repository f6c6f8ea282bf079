#include "families/kandinsky22/check.h"

#include "clip/image_encoder.h"
#include "clip/text_encoder.h"
#include "families/shared/part_checks.h"
#include "prior/prior_transformer.h"
#include "unet/unet.h"
#include "vae/autoencoder.h"

namespace unclip::kandinsky22 {

CheckedModel check_model(const ModelDir& model, const Needs& needs) {
  CheckedModel checked{.configs = Configs::from(model, needs), .tokenizer = {}};
  for (const auto& part : parts_with_weights(needs)) {
    if (part != "image_encoder" || encodes_images(model, needs)) check_part(model, part);
  }
  if (with_texts(needs).text)
    checked.tokenizer = load_tokenizer(model, checked.configs.text_encoder);
  return checked;
}

void check_part(const ModelDir& model, const std::string& part) {
  static const std::vector<PartCheck> checks = {
      {"tokenizer", check_tokenizer},
      {"text_encoder", check_network<TextEncoder, ClipTextConfig>},
      {"feature_extractor", check_feature_extractor},
      {"image_encoder", check_network<ImageEncoder, ClipVisionConfig>},
      {"prior", check_network<PriorTransformer, PriorConfig>},
      {"unet", check_network<UNet, UNetConfig>},
      {"movq", check_network<Autoencoder, VaeConfig>},
      {"prior_scheduler", check_scheduler},
      {"decoder_scheduler", check_scheduler},
  };
  run_check(checks, model, part);
}

}  // namespace unclip::kandinsky22
