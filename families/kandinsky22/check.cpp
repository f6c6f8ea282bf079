#include "families/kandinsky22/check.h"

#include "families/shared/clip_prior.h"
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
  auto checks = clip_prior_checks();
  checks.push_back({"unet", check_network<UNet, UNetConfig>});
  checks.push_back({"movq", check_network<Autoencoder, VaeConfig>});
  checks.push_back({"decoder_scheduler", check_scheduler});
  run_check(checks, model, part);
}

}  // namespace unclip::kandinsky22
