#include "weights/load.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <set>

#include "base/error.h"
#include "kernels/accelerator.h"
#include "kernels/tensor.h"
#include "nn/module.h"
#include "weights/checkpoint.h"
#include "weights/scalar_type.h"

namespace unclip {
namespace {

constexpr size_t kMostLines = 20;

// Any floating-point type fits any other; an integer is an index or a mask, so its type must be
// equal.
bool kinds_agree(at::ScalarType wanted, std::optional<at::ScalarType> found) {
  if (!found) return false;
  return at::isFloatingType(wanted) ? at::isFloatingType(*found) : wanted == *found;
}

std::string misfit(const std::string& name, const at::Tensor& wanted,
                   const Checkpoint& checkpoint) {
  const auto shape = wanted.sizes().vec();
  if (!checkpoint.has(name)) {
    const auto instead = checkpoint.instead_of(name);
    return "missing  " + name + " " + shown(shape) +
           (instead.empty() ? "" : ", found " + instead + " in its place");
  }
  const auto& found = checkpoint.entry(name);
  if (found.shape != shape) {
    return "shape    " + name + " " + shown(found.shape) + ", expected " + shown(shape);
  }
  if (!kinds_agree(wanted.scalar_type(), scalar_type(found.dtype))) {
    const auto exact = file_dtype(wanted.scalar_type());
    return "dtype    " + name + " " + std::string(dtype_name(found.dtype)) + ", expected " +
           (at::isFloatingType(wanted.scalar_type()) || !exact ? "F64, F32, F16 or BF16"
                                                               : std::string(dtype_name(*exact)));
  }
  return {};
}

bool is_ignored(std::string_view name, const LoadOptions& options) {
  return std::any_of(options.ignored_suffixes.begin(), options.ignored_suffixes.end(),
                     [&](const auto& suffix) { return name.ends_with(suffix); });
}

void check_fit(const std::vector<NamedTensor>& slots, const Checkpoint& checkpoint,
               const LoadOptions& options) {
  std::vector<std::string> misfits;
  std::set<std::string_view> used;
  for (const auto& [name, wanted] : slots) {
    used.insert(name);
    if (auto line = misfit(name, wanted, checkpoint); !line.empty()) misfits.push_back(line);
  }
  for (const auto& name : checkpoint.names()) {
    if (used.contains(name) || is_ignored(name, options)) continue;
    misfits.push_back("unused   " + shown(name) + " " + shown(checkpoint.entry(name).shape));
  }
  if (misfits.empty()) return;

  std::string text;
  for (size_t i = 0; i < std::min(misfits.size(), kMostLines); ++i) text += "\n  " + misfits[i];
  if (misfits.size() > kMostLines) {
    text += "\n  ... and " + std::to_string(misfits.size() - kMostLines) + " more";
  }
  fail(checkpoint.name(), " does not fit the model:", text);
}

// Throws Error if narrowing would turn a number into an infinity. bfloat16 has the range of
// float32.
void check_range(const at::Tensor& values, at::ScalarType to, const std::string& name,
                 const Checkpoint& checkpoint) {
  const bool narrows = (to == at::kHalf && values.scalar_type() != at::kHalf) ||
                       (to != at::kDouble && values.scalar_type() == at::kDouble);
  if (!narrows || values.numel() == 0) return;
  const auto [least, most] = values.aminmax();
  const double reach = std::max(std::abs(least.item<double>()), std::abs(most.item<double>()));
  const double limit = to == at::kHalf ? 65504.0 : double{std::numeric_limits<float>::max()};
  if (std::isfinite(reach) && reach > limit) {
    fail(checkpoint.name(), ": tensor '", name, "' holds ", reach, "; ",
         dtype_name(*file_dtype(to)), " ends at ", limit, ", so another --dtype is needed");
  }
}

/// A tensor of the file, converted and moved to the device. On a device other than the CPU, the
/// weights of a convolution become channels last, which is the layout of images there; otherwise
/// each call would convert them.
at::Tensor placed(const at::Tensor& stored, at::ScalarType type, at::Device device) {
  if (device.is_cpu()) return stored.to(type);
  const auto there = to_device(stored, device).to(type);
  return there.dim() == 4 ? there.contiguous(at::MemoryFormat::ChannelsLast) : there;
}

}  // namespace

void load(Module& module, const Checkpoint& checkpoint, const LoadOptions& options) {
  const auto wanted = module.parameters();
  check_fit(wanted, checkpoint, options);

  // All values are read before the first one is given to the module.
  std::vector<at::Tensor> values;
  for (const auto& [name, slot] : wanted) {
    const auto type = at::isFloatingType(slot.scalar_type()) ? options.dtype : slot.scalar_type();
    const auto stored = checkpoint.tensor(name);
    check_range(stored, type, name, checkpoint);
    values.push_back(placed(stored, type, options.device));
    if (!values.back().is_alias_of(stored)) checkpoint.release(name);
  }
  for (size_t i = 0; i < wanted.size(); ++i) {
    auto slot = wanted[i].tensor;
    slot.set_requires_grad(false);
    slot.set_data(values[i]);
  }
}

at::Tensor converted(const Checkpoint& checkpoint, const std::string& name, at::ScalarType dtype) {
  const auto stored = checkpoint.tensor(name);
  check_range(stored, dtype, name, checkpoint);
  return stored.to(dtype);
}

void expect_fit(const Module& module, const Checkpoint& checkpoint, const LoadOptions& options) {
  check_fit(module.parameters(), checkpoint, options);
}

std::vector<std::pair<std::string, std::vector<int64_t>>> tensor_list(const Module& module) {
  std::vector<std::pair<std::string, std::vector<int64_t>>> list;
  for (const auto& [name, tensor] : module.parameters())
    list.emplace_back(name, tensor.sizes().vec());
  return list;
}

}  // namespace unclip
