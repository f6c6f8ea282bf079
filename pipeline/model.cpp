#include "pipeline/model.h"

#include "base/error.h"

namespace unclip {

Model::Model(const ModelDir& folder, const PipelineOptions& options, const Needs& needs,
             std::vector<std::string> parts)
    : folder_(folder),
      needs_(needs),
      memory_(folder, options, std::move(parts)),
      schedulers_(read_schedulers(folder, needs)) {}

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
