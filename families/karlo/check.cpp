#include "families/karlo/check.h"

#include <c10/util/Exception.h>

#include <array>

#include "base/config.h"
#include "clip/image_encoder.h"
#include "clip/text_encoder.h"
#include "prior/prior_transformer.h"
#include "scheduler/scheduler.h"
#include "unet/unet.h"
#include "weights/load.h"
#include "weights/model_dir.h"

namespace unclip::karlo {
namespace {

/// Memory of a network's parameters is reserved, not touched, so even a large one is cheap to make.
template <class Network, class NetworkConfig>
std::unique_ptr<Network> make_network(const Config& config) {
  const auto parsed = NetworkConfig::from(config);
  try {
    return std::make_unique<Network>(parsed);
  } catch (const c10::Error&) {  // sizes whose product no memory has
    fail(config.name(), ": asks for a network that is larger than the address space");
  }
}

template <class Network, class NetworkConfig>
void check_network(const ModelDir& model, const std::string& part) {
  const auto network = make_network<Network, NetworkConfig>(model.config(part));
  expect_fit(*network, model.weights(part));
}

void check_scheduler(const ModelDir& model, const std::string& part) {
  make_scheduler(model.config(part), 1);
}

void check_tokenizer(const ModelDir& model, const std::string& part) {
  Tokenizer::load(model.folder(part));
}

void check_feature_extractor(const ModelDir& model, const std::string& part) {
  ImageProcessorConfig::from(model.config(part));
}

struct PartCheck {
  std::string_view part;
  void (*check)(const ModelDir&, const std::string&);
};
constexpr std::array<PartCheck, 12> kPartChecks = {{
    {"tokenizer", check_tokenizer},
    {"text_encoder", check_network<TextEncoder, ClipTextConfig>},
    {"feature_extractor", check_feature_extractor},
    {"image_encoder", check_network<ImageEncoder, ClipVisionConfig>},
    {"prior", check_network<PriorTransformer, PriorConfig>},
    {"text_proj", check_network<TextProjection, TextProjectionConfig>},
    {"decoder", check_network<UNet, UNetConfig>},
    {"super_res_first", check_network<UNet, UNetConfig>},
    {"super_res_last", check_network<UNet, UNetConfig>},
    {"prior_scheduler", check_scheduler},
    {"decoder_scheduler", check_scheduler},
    {"super_res_scheduler", check_scheduler},
}};

Tokenizer load_tokenizer(const ModelDir& model, const ClipTextConfig& text_encoder) {
  auto tokenizer = Tokenizer::load(model.folder("tokenizer"));
  if (tokenizer.vocab_size() > text_encoder.vocab_size) {
    fail(model.folder("tokenizer"), ": expected token ids below ", text_encoder.vocab_size,
         ", the 'vocab_size' of ", model.config("text_encoder").name(), ", found ids up to ",
         tokenizer.vocab_size() - 1);
  }
  return tokenizer;
}

}  // namespace

CheckedModel check_model(const ModelDir& model, const Needs& needs) {
  CheckedModel checked{.configs = Configs::from(model, needs), .tokenizer = {}};
  for (const auto& part : parts_with_weights(needs)) check_part(model, part);
  if (with_texts(needs).text)
    checked.tokenizer = load_tokenizer(model, checked.configs.text_encoder);
  return checked;
}

void check_part(const ModelDir& model, const std::string& part) {
  for (const auto& [name, check] : kPartChecks) {
    if (name == part) return check(model, part);
  }
  TORCH_CHECK(false, "no part is called ", part);
}

}  // namespace unclip::karlo
