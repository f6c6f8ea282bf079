#include "tests/families/twostage/twostage.h"

#include <ATen/ATen.h>

#include "clip/image_encoder.h"
#include "clip/text_encoder.h"
#include "clip/tokenizer.h"
#include "families/registry.h"
#include "families/shared/part_checks.h"
#include "kernels/accelerator.h"
#include "pipeline/preprocess.h"
#include "tests/families/twostage/networks.h"

namespace unclip::testing::twostage {
namespace {

ImageSizes sizes_of(const UNetConfig& c) {
  const auto small = c.sample_size, large = 2 * c.sample_size;
  return {.image = {large, large}, .decoder = {small, small}};
}

class TwoStage : public Model {
 public:
  /// `needs` has text if it has prior.
  TwoStage(const ModelDir& folder, const PipelineOptions& options, const Needs& needs)
      : Model(folder, options, needs, family().parts(needs)),
        device_(options.device),
        text_config_(needs.text ? ClipTextConfig::from(folder.config("text_encoder"))
                                : ClipTextConfig()),
        image_config_(needs.image_encoder ? ClipVisionConfig::from(folder.config("image_encoder"))
                                          : ClipVisionConfig()),
        unet_config_(needs.decoder ? UNetConfig::from(folder.config("unet")) : UNetConfig()),
        text_encoder_(memory(), "text_encoder", text_config_),
        image_encoder_(memory(), "image_encoder", image_config_),
        prior_(memory(), "prior",
               needs.prior ? PriorConfig::from(folder.config("prior")) : PriorConfig()),
        unet_(memory(), "unet", unet_config_) {
    if (needs.text) tokenizer_ = Tokenizer::load(folder.folder("tokenizer"));
  }

  ImageEmbedding prior(Run& run) override {
    const std::vector<std::string> negative(static_cast<size_t>(run.size()), run.negative_prompt());
    const auto u = encode_texts(negative), c = encode_texts(run.prompts());
    run.texts.text_embedding = c;
    const auto z = run.sample("prior", {embedding_width()}, [&](const StageRun& stage) {
      memory().hold({&prior_}, {&unet_});
      const auto bound = [network = prior_.get()](const at::Tensor& text) -> Denoiser {
        return [network, text](const at::Tensor& x_t, const At&) {
          return network->forward(x_t, text);
        };
      };
      const GuidedModel model{.both = bound(at::cat({u, c})), .conditional = bound(c)};
      const auto x_T = to_device(run.noise().draw({embedding_width()}), device_);
      return denoise(*make_scheduler(stage.scheduler, stage.walk),
                     guided(model, stage.guidance, stage.on_guidance), x_T, run.noise(),
                     stage.on_step);
    });
    return {.z = z, .negative = {}};
  }

  at::Tensor decode(const ImageEmbedding& embedding, Run& run) override {
    const auto sizes = noise_sizes(run.image_size());
    const auto latent = run.sample(
        "latent", sizes,
        [&](const StageRun& stage) {
          const auto x_T = to_device(run.start(sizes), device_);
          return denoise(*make_scheduler(stage.scheduler, stage.walk), bound_unet(embedding.z), x_T,
                         run.noise(), stage.on_step);
        },
        enlarged);
    return enlarged(latent);
  }

  at::Tensor invert(const at::Tensor& z, const at::Tensor& images, Run& run) override {
    return run.invert("latent", [&](const StageRun& stage) {
      NoiseSource none({});
      return denoise(*make_scheduler(stage.scheduler, stage.walk), bound_unet(z),
                     to_device(images, device_), none, stage.on_step);
    });
  }

  at::Tensor encode_texts(const std::vector<std::string>& texts) override {
    std::vector<at::Tensor> ids, masks;
    for (const auto& text : texts) {
      const auto tokens = tokenizer_->encode(text, text_config_.max_position_embeddings);
      ids.push_back(at::tensor(tokens.ids));
      masks.push_back(at::tensor(tokens.mask).to(at::kFloat));
    }
    memory().hold({&text_encoder_}, {&prior_});
    return text_encoder_.get()
        ->forward(to_device(at::stack(ids), device_), at::stack(masks))
        .text_embedding.to(at::kFloat);
  }

  at::Tensor encode_images(const std::vector<at::Tensor>& images) override {
    const auto processor = ImageProcessorConfig::from(folder().config("feature_extractor"));
    std::vector<at::Tensor> pixels;
    for (const auto& image : images) pixels.push_back(preprocess(image, processor));
    memory().hold({&image_encoder_});
    return image_encoder_.get()
        ->forward(to_device(at::stack(pixels), device_).to(memory().options().dtype))
        .to(at::kFloat);
  }

  int64_t embedding_width() const override {
    if (needs().decoder) return unet_config_.embedding_dim;
    return needs().text ? text_config_.projection_dim : image_config_.projection_dim;
  }
  std::vector<int64_t> noise_sizes(const ImageSize&) const override {
    return {3, unet_config_.sample_size, unet_config_.sample_size};
  }
  ImageSizes image_sizes() const override { return sizes_of(unet_config_); }

 private:
  static at::Tensor enlarged(const at::Tensor& latent) {
    return latent.repeat_interleave(2, 2).repeat_interleave(2, 3);
  }
  Denoiser bound_unet(const at::Tensor& z) {
    memory().hold({&unet_});
    return [network = unet_.get(), z = to_device(z, device_)](const at::Tensor& x_t, const At&) {
      return network->forward(x_t, z);
    };
  }

  at::Device device_;
  ClipTextConfig text_config_;
  ClipVisionConfig image_config_;
  UNetConfig unet_config_;
  std::optional<Tokenizer> tokenizer_;
  NetworkSlot<TextEncoder, ClipTextConfig> text_encoder_;
  NetworkSlot<ImageEncoder, ClipVisionConfig> image_encoder_;
  NetworkSlot<Prior, PriorConfig> prior_;
  NetworkSlot<UNet, UNetConfig> unet_;
};

std::vector<PartSpec> part_specs() {
  const auto samplers = sampling_classes();
  const std::vector<std::string> config = {"config.json"}, diffusers = {"diffusers"},
                                 transformers = {"transformers"};
  const std::string weights = "diffusion_pytorch_model";
  return {
      {"tokenizer", {"CLIPTokenizer"}, transformers, {"vocab.json", "merges.txt"}, "", "", "prior"},
      {"text_encoder", {"CLIPTextModelWithProjection"}, transformers, config, "model", "", "prior"},
      {"feature_extractor",
       {"CLIPImageProcessor"},
       transformers,
       {"preprocessor_config.json"},
       "",
       "",
       "prior"},
      {"image_encoder",
       {"CLIPVisionModelWithProjection"},
       transformers,
       config,
       "model",
       "",
       "prior"},
      {"prior", {"TwoStagePrior"}, diffusers, config, weights, "", "prior"},
      {"unet", {"TwoStageUNet"}, diffusers, config, weights},
      {"prior_scheduler", samplers, diffusers, {"scheduler_config.json"}, "", "scheduler", "prior"},
      {"decoder_scheduler", samplers, diffusers, {"scheduler_config.json"}, "", "scheduler"},
  };
}

std::vector<std::string> parts_with_weights(const Needs& needs) {
  std::vector<std::string> parts;
  if (needs.text || needs.prior) parts.emplace_back("text_encoder");
  if (needs.image_encoder) parts.emplace_back("image_encoder");
  if (needs.prior) parts.emplace_back("prior");
  if (needs.decoder) parts.emplace_back("unet");
  return parts;
}

template <class Network, class NetworkConfig>
void expect_network(const ModelDir& folder, const std::string& part) {
  const Network network(NetworkConfig::from(folder.config(part)));
  expect_fit(network, folder.weights(part));
}

void check_part(const ModelDir& folder, const std::string& part) {
  if (part == "tokenizer") return static_cast<void>(Tokenizer::load(folder.folder(part)));
  if (part == "feature_extractor") {
    return static_cast<void>(ImageProcessorConfig::from(folder.config(part)));
  }
  if (part == "text_encoder") return expect_network<TextEncoder, ClipTextConfig>(folder, part);
  if (part == "image_encoder") return expect_network<ImageEncoder, ClipVisionConfig>(folder, part);
  if (part == "prior") return expect_network<Prior, PriorConfig>(folder, part);
  if (part == "unet") return expect_network<UNet, UNetConfig>(folder, part);
  make_scheduler(folder.config(part), 1);
}

ImageSizes check(const ModelDir& folder, const Needs& needs) {
  for (const auto& part : parts_with_weights(needs)) check_part(folder, part);
  if (needs.text || needs.prior) check_part(folder, "tokenizer");
  if (needs.prior) check_part(folder, "prior_scheduler");
  if (!needs.decoder) return {};
  check_part(folder, "decoder_scheduler");
  return sizes_of(UNetConfig::from(folder.config("unet")));
}

std::unique_ptr<Model> open(const ModelDir& folder, const PipelineOptions& options,
                            const Needs& needs) {
  check(folder, needs);
  auto with_texts = needs;
  with_texts.text = needs.text || needs.prior;
  return std::make_unique<TwoStage>(folder, options, with_texts);
}

const bool registered = (add_family(family()), true);

}  // namespace

const Family& family() {
  static const Family two_stage = {
      .layout = {.name = "twostage",
                 .classes = {"TwoStagePipeline"},
                 .companions = {{.name = "prior",
                                 .classes = {"TwoStagePriorPipeline"},
                                 .readme_key = "prior"}},
                 .parts = part_specs(),
                 .stages = {{.name = "prior",
                             .label = "prior",
                             .title = "the prior",
                             .half = Half::kPrior,
                             .scheduler = "prior_scheduler",
                             .steps = 3,
                             .guidance = 2,
                             .steps_help = "steps from noise to an image embedding",
                             .guidance_help = "how strongly the embedding follows the prompt"},
                            {.name = "latent",
                             .label = "latent decoder",
                             .title = "the latent decoder",
                             .half = Half::kDecoder,
                             .scheduler = "decoder_scheduler",
                             .steps = 4,
                             .steps_help = "steps from noise to a latent",
                             .guidance_help = ""}}},
      .variation_classes = {},
      .parts = parts_with_weights,
      .check = check,
      .check_part = check_part,
      .open = open};
  static_cast<void>(registered);
  return two_stage;
}

}  // namespace unclip::testing::twostage
