#pragma once

#include <ATen/core/Tensor.h>

#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace unclip {

class Module;

/// Where a module belongs: in `owner`, as its part `name`. A whole network has no owner.
struct Place {
  Module* owner = nullptr;
  std::string name = {};
};

/// A parameter under its key in a checkpoint, "mid_block.resnets.0.conv1.weight".
struct NamedTensor {
  std::string name;
  at::Tensor tensor;
};

/// A network or a part of one. Its parts are its members. Each registers itself with its owner when
/// it is constructed, so a part's name in the checkpoint is written once, next to its sizes:
///
///   class Mlp : public Module {
///    public:
///     Mlp(Place place, int64_t width)
///         : Module(std::move(place)),
///           fc1({this, "fc1"}, width, 4 * width),
///           fc2({this, "fc2"}, 4 * width, width) {}
///     at::Tensor operator()(const at::Tensor& x) const { return fc2(activate(fc1(x))); }
///
///    private:
///     Linear fc1, fc2;
///   };
///
/// Parameters need no gradient until a trainer asks for it. A module stays where it was made,
/// because its parts point to it. Several threads may evaluate a module at once, as long as none
/// changes its parameters.
class Module {
 public:
  explicit Module(Place place = {});
  virtual ~Module() = default;
  Module(const Module&) = delete;
  Module& operator=(const Module&) = delete;

  /// The module's parameters, then those of its parts, both in the order of their construction.
  /// The tensors share their memory with the module's.
  std::vector<NamedTensor> parameters() const;
  /// The parameter of this name. Throws c10::Error if there is none.
  at::Tensor parameter(std::string_view name) const;

  /// Calls `visitor` with the module, then with all that belongs to it, owners before their parts.
  void visit(const std::function<void(Module&)>& visitor);

 protected:
  /// Registers a parameter, and returns it. `values` may be unfilled memory.
  at::Tensor add_parameter(std::string name, at::Tensor values);

 private:
  void collect(const std::string& prefix, std::vector<NamedTensor>& all) const;

  std::vector<NamedTensor> own_;
  std::vector<std::pair<std::string, Module*>> parts_;
};

/// Parts of one kind, named by their numbers: "0", "1", ...
template <class Part>
class ModuleList : public Module {
 public:
  explicit ModuleList(Place place) : Module(std::move(place)) {}

  /// Constructs the next part from its place and `args`.
  template <class... Args>
  Part& add(Args&&... args) {
    Place place{this, std::to_string(parts_.size())};
    parts_.push_back(std::make_unique<Part>(std::move(place), std::forward<Args>(args)...));
    return *parts_.back();
  }

  size_t size() const { return parts_.size(); }
  bool empty() const { return parts_.empty(); }
  const Part& operator[](size_t i) const { return *parts_.at(i); }

 private:
  std::vector<std::unique_ptr<Part>> parts_;
};

}  // namespace unclip
