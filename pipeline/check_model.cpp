#include "pipeline/check_model.h"

#include <c10/util/Exception.h>

#include <array>

#include "base/config.h"
#include "clip/image_encoder.h"
#include "clip/text_encoder.h"
#include "pipeline/text_to_image.h"
#include "prior/prior_transformer.h"
#include "scheduler/published_class.h"
#include "scheduler/scheduler.h"
#include "unet/text_projection.h"
#include "unet/unet.h"
#include "weights/load.h"
#include "weights/model_dir.h"

namespace unclip {
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
  CheckedModel checked{.configs = ModelConfigs::from(model, needs), .tokenizer = {}};
  for (const auto* part : parts_with_weights(needs)) check_part(model, part);
  if (needs.text) checked.tokenizer = load_tokenizer(model, checked.configs.text_encoder);
  return checked;
}

void check_part(const ModelDir& model, const std::string& part) {
  for (const auto& [name, check] : kPartChecks) {
    if (name == part) return check(model, part);
  }
  TORCH_CHECK(false, "no part is called ", part);
}

void check_sampling(const ModelDir& model, const Settings& settings, const Needs& needs) {
  const auto check = [&](const char* part, const WalkOptions& walk) {
    const auto config = model.config(part);
    config.require<std::string>("_class_name");  // an image's metadata names it
    try {
      if (walk.sampler.empty()) expect_to_sample(published_sampler(config).sampler);
      make_scheduler(config, walk);
    } catch (const Error& error) {
      const std::string message = error.what();
      if (message.starts_with(config.name())) throw;
      fail(config.name(), ": ", message);
    }
  };
  if (needs.prior) check("prior_scheduler", settings.prior_walk);
  if (needs.decoder) {
    check("decoder_scheduler", settings.decoder_walk);
    check("super_res_scheduler", settings.super_res_walk);
  }
}

std::vector<PartInfo> check_parts(const ModelDir& model) {
  auto infos = part_infos(model);
  for (auto& info : infos) {
    if (!info.need.empty()) continue;
    try {
      check_part(model, info.name);
    } catch (const Error& error) {
      info.need = error.what();
    }
  }
  return infos;
}

}  // namespace unclip
