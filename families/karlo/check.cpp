#include "families/karlo/check.h"

#include "families/shared/clip_prior.h"
#include "unet/unet.h"

namespace unclip::karlo {

CheckedModel check_model(const ModelDir& model, const Needs& needs) {
  CheckedModel checked{.configs = Configs::from(model, needs), .tokenizer = {}};
  for (const auto& part : parts_with_weights(needs)) check_part(model, part);
  if (with_texts(needs).text)
    checked.tokenizer = load_tokenizer(model, checked.configs.text_encoder);
  return checked;
}

void check_part(const ModelDir& model, const std::string& part) {
  auto checks = clip_prior_checks();
  const std::vector<PartCheck> own = {
      {"text_proj", check_network<TextProjection, TextProjectionConfig>},
      {"decoder", check_network<UNet, UNetConfig>},
      {"super_res_first", check_network<UNet, UNetConfig>},
      {"super_res_last", check_network<UNet, UNetConfig>},
      {"decoder_scheduler", check_scheduler},
      {"super_res_scheduler", check_scheduler},
  };
  checks.insert(checks.end(), own.begin(), own.end());
  run_check(checks, model, part);
}

}  // namespace unclip::karlo
