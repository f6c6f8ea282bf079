#include "families/kandinsky22/kandinsky22.h"
#include "families/shared/clip_prior.h"

namespace unclip::kandinsky22 {
namespace {

const std::string kPrior = "prior";  // the companion that holds the prior and CLIP

std::vector<PartSpec> parts() {
  static const std::vector<std::string> scheduler = {"scheduler_config.json"};
  static const std::vector<std::string> config = {"config.json"};
  static const std::string diffusion = "diffusion_pytorch_model";
  const auto samplers = sampling_classes();
  auto all = clip_prior_parts(kPrior, "image_processor");
  const std::vector<PartSpec> own = {
      {"unet", {"UNet2DConditionModel"}, {"diffusers"}, config, diffusion},
      {"movq", {"VQModel"}, {"diffusers"}, config, diffusion},
      {"prior_scheduler", samplers, {"diffusers"}, scheduler, "", "scheduler", kPrior},
      {"decoder_scheduler", samplers, {"diffusers"}, scheduler, "", "scheduler"},
  };
  all.insert(all.end(), own.begin(), own.end());
  return all;
}

std::vector<StageSpec> stages() {
  return {prior_stage(/*fast_steps=*/4, /*balanced_steps=*/8),
          {.name = "decoder",
           .label = "decoder",
           .title = "the decoder",
           .half = Half::kDecoder,
           .scheduler = "decoder_scheduler",
           .steps = 100,
           .fast_steps = 10,
           .balanced_steps = 25,
           .guidance = 4,
           .steps_help = "steps from noise to a small image, or a latent",
           .guidance_help = "how strongly the image c follows the embedding, u + W (c - u)"}};
}

ImageSizes check(const ModelDir& folder, const Needs& needs) {
  const auto configs = check_model(folder, needs).configs;
  return needs.decoder ? sizes_of(configs) : ImageSizes();
}

std::unique_ptr<Model> open(const ModelDir& folder, const PipelineOptions& options,
                            const Needs& needs) {
  return std::make_unique<Kandinsky22>(folder, options, with_texts(needs),
                                       check_model(folder, needs));
}

}  // namespace

const Family& family() {
  static const Family kandinsky = {
      .layout = {.name = "kandinsky22",
                 .classes = {"KandinskyV22Pipeline", "KandinskyV22Img2ImgPipeline"},
                 .repository = "kandinsky-community/kandinsky-2-2-decoder",
                 .companions = {{.name = kPrior,
                                 .classes = {"KandinskyV22PriorPipeline",
                                             "KandinskyV22PriorEmb2EmbPipeline"},
                                 .repository = "kandinsky-community/kandinsky-2-2-prior",
                                 .readme_key = "prior"}},
                 .parts = parts(),
                 .stages = stages(),
                 .negative_embedding = true},
      .variation_classes = {},
      .parts = parts_with_weights,
      .check = check,
      .check_part = check_part,
      .open = open};
  return kandinsky;
}

}  // namespace unclip::kandinsky22
