#include "pipeline/model.h"

#include "base/error.h"

namespace unclip {

Model::Model(const ModelDir& folder, const PipelineOptions& options, const Needs& needs,
             std::vector<std::string> parts)
    : folder_(folder),
      needs_(needs),
      memory_(folder, options, std::move(parts)),
      schedulers_(read_schedulers(folder, needs)) {}

at::Tensor Model::preview(const at::Tensor& x_0) { return x_0; }

ImageSize Model::resolve_size(const GenerateOptions& options) const {
  const auto sizes = image_sizes();
  const ImageSize asked{.height = options.height.value_or(sizes.image.height),
                        .width = options.width.value_or(sizes.image.width)};
  if (asked == sizes.image) return asked;
  if (sizes.multiple == 0) {
    fail(folder_.defaults().name, ": expected a size of ", sizes.image.width, "x",
         sizes.image.height, " pixels, the only one of this model, got ", asked.width, "x",
         asked.height);
  }
  constexpr int64_t kMost = 1 << 14;
  for (const auto side : {asked.height, asked.width}) {
    if (side >= 1 && side <= kMost) continue;
    fail(folder_.defaults().name, ": expected sides of 1 to ", kMost, " pixels, got ", side);
  }
  const auto rounded = [&](int64_t side) {
    return (side + sizes.multiple - 1) / sizes.multiple * sizes.multiple;
  };
  return {.height = rounded(asked.height), .width = rounded(asked.width)};
}

Run::Schedulers read_schedulers(const ModelDir& folder, const Needs& needs) {
  Run::Schedulers schedulers;
  for (const auto& stage : folder.layout().stages) {
    if (!(stage.half == Half::kPrior ? needs.prior : needs.decoder)) continue;
    const auto config = folder.config(stage.scheduler);
    config.require<std::string>("_class_name");  // an image's metadata names it
    schedulers.emplace(stage.name, config);
  }
  return schedulers;
}

void check_plan(const Plan& plan, const Run::Schedulers& schedulers) {
  for (const auto& stage : plan.stages) {
    const auto it = schedulers.find(stage.spec.name);
    if (it == schedulers.end()) continue;
    const auto& spec = it->second;
    try {
      if (stage.walk.sampler.empty()) expect_to_sample(spec.own_sampler.sampler);
      make_scheduler(spec, stage.walk);
    } catch (const Error& error) {
      const std::string message = error.what();
      if (message.starts_with(spec.file)) throw;
      fail(spec.file, ": ", message);
    }
  }
}

}  // namespace unclip
