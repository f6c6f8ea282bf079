#pragma once

#include <optional>
#include <string>
#include <vector>

#include "clip/tokenizer.h"
#include "pipeline/model_configs.h"
#include "weights/model_info.h"

namespace unclip {

struct Settings;

/// What check_model() has read.
struct CheckedModel {
  ModelConfigs configs;
  std::optional<Tokenizer> tokenizer;  // present if texts are needed
};

/// Every check that is possible before weights are read; loading a model for painting starts with
/// it, and `unclip info` reports its result. Throws Error that names the file and the key if a part
/// that `needs` lists is missing, its config asks for what is not implemented, two parts do not fit
/// each other, the tokenizer does not load, or the names, shapes and types of a part's tensors are
/// not those of its network.
CheckedModel check_model(const ModelDir& model, const Needs& needs);

/// The same checks of one part by itself, without its neighbours. `part` is a name of part_kinds().
void check_part(const ModelDir& model, const std::string& part);

/// Throws Error unless the schedules of the stages that `needs` lists can be sampled with
/// `settings`: the number of steps, the sampler and its options.
void check_sampling(const ModelDir& model, const Settings& settings, const Needs& needs);

/// part_infos(), with the result of check_part() in `need`.
std::vector<PartInfo> check_parts(const ModelDir& model);

}  // namespace unclip
