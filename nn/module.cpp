#include "nn/module.h"

#include <c10/util/Exception.h>

namespace unclip {

Module::Module(Place place) {
  if (place.owner) place.owner->parts_.emplace_back(std::move(place.name), this);
}

at::Tensor Module::add_parameter(std::string name, at::Tensor values) {
  own_.push_back({std::move(name), values});
  return values;
}

std::vector<NamedTensor> Module::parameters() const {
  std::vector<NamedTensor> all;
  collect("", all);
  return all;
}

void Module::collect(const std::string& prefix, std::vector<NamedTensor>& all) const {
  for (const auto& [name, tensor] : own_) all.push_back({prefix + name, tensor});
  for (const auto& [name, part] : parts_) part->collect(prefix + name + ".", all);
}

at::Tensor Module::parameter(std::string_view name) const {
  for (auto& [key, tensor] : parameters()) {
    if (key == name) return tensor;
  }
  TORCH_CHECK(false, "the module has no parameter '", std::string(name), "'");
}

void Module::visit(const std::function<void(Module&)>& visitor) {
  visitor(*this);
  for (const auto& part : parts_) part.second->visit(visitor);
}

}  // namespace unclip
