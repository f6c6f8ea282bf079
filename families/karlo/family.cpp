#include "families/karlo/karlo.h"
#include "families/karlo/original.h"
#include "families/shared/clip_prior.h"

namespace unclip::karlo {
namespace {

std::vector<PartSpec> parts() {
  static const std::vector<std::string> scheduler = {"scheduler_config.json"};
  const auto samplers = sampling_classes();
  static const std::vector<std::string> config = {"config.json"};
  static const std::string diffusion = "diffusion_pytorch_model";
  auto all = clip_prior_parts();
  const std::vector<PartSpec> own = {
      // Published folders have the first two spellings; current releases of diffusers load only the
      // third.
      {"text_proj",
       {"UnCLIPTextProjModel"},
       {"unclip", "diffusers", "diffusers.pipelines.deprecated.unclip.text_proj"},
       config,
       diffusion},
      {"decoder", {"UNet2DConditionModel"}, {"diffusers"}, config, diffusion},
      {"super_res_first", {"UNet2DModel"}, {"diffusers"}, config, diffusion},
      {"super_res_last", {"UNet2DModel"}, {"diffusers"}, config, diffusion},
      {"prior_scheduler", samplers, {"diffusers"}, scheduler, ""},
      {"decoder_scheduler", samplers, {"diffusers"}, scheduler, ""},
      {"super_res_scheduler", samplers, {"diffusers"}, scheduler, ""},
  };
  all.insert(all.end(), own.begin(), own.end());
  return all;
}

std::vector<StageSpec> stages() {
  return {prior_stage(/*fast_steps=*/2, /*balanced_steps=*/4),
          {.name = "decoder",
           .label = "decoder",
           .title = "the decoder",
           .half = Half::kDecoder,
           .scheduler = "decoder_scheduler",
           .steps = 25,
           .fast_steps = 4,
           .balanced_steps = 8,
           .guidance = 8,
           .steps_help = "steps from noise to a small image",
           .guidance_help = "how strongly the image c follows embedding and prompt, u + W (c - u)"},
          {.name = "super-res",
           .label = "super-resolution",
           .title = "super-resolution",
           .half = Half::kDecoder,
           .scheduler = "super_res_scheduler",
           .steps = 7,
           .fast_steps = 2,
           .balanced_steps = 3,
           .guidance = 1,
           .steps_help = "steps from the small image to the large one",
           .guidance_help = ""}};
}

ImageSizes check(const ModelDir& folder, const Needs& needs) {
  const auto configs = check_model(folder, needs).configs;
  return needs.decoder ? sizes_of(configs) : ImageSizes();
}

std::unique_ptr<Model> open(const ModelDir& folder, const PipelineOptions& options,
                            const Needs& needs) {
  return std::make_unique<Karlo>(folder, options, with_texts(needs), check_model(folder, needs));
}

}  // namespace

const Family& family() {
  static const Family karlo = {
      .layout = {.name = "karlo",
                 .classes = {"UnCLIPPipeline", "UnCLIPImageVariationPipeline"},
                 .parts = parts(),
                 .stages = stages()},
      .variation_classes = {"UnCLIPImageVariationPipeline"},
      .parts = parts_with_weights,
      .check = check,
      .check_part = check_part,
      .open = open,
      .open_original = open_original};
  return karlo;
}

}  // namespace unclip::karlo
