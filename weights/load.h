#pragma once

#include <ATen/core/Tensor.h>
#include <c10/core/Device.h>
#include <c10/core/ScalarType.h>

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

namespace unclip {

class Checkpoint;
class Module;

struct LoadOptions {
  at::ScalarType dtype = at::kFloat;  // of all floating-point tensors
  at::Device device = at::kCPU;
  /// Ends of the names of tensors that the file may have though the module does not. Old CLIP files
  /// hold this one, which is not a parameter.
  std::vector<std::string> ignored_suffixes = {"embeddings.position_ids"};
};

/// Gives every parameter of the module the checkpoint's values; if it throws, none is changed. A
/// tensor that the file stores in the requested type is not copied if the module is on the CPU: the
/// parameter is a view of the mapped file, whose memory is shared with all processes that map it.
/// After a tensor is converted, the memory of its pages is returned to the system. Parameters need
/// no gradient afterwards. Throws one Error that lists, in the module's order, the tensors that are
/// missing, have another shape, or another kind of type (such as integer instead of
/// floating-point), and then the file's tensors that the module does not use:
///   decoder/model.safetensors does not fit the model:
///     missing  conv_in.bias [320]
///     shape    conv_in.weight [320, 4, 3, 3], expected [320, 3, 3, 3]
///     unused   conv_in.beta [320]
/// Throws another Error, which names the tensor, if its numbers are too large for the requested
/// type.
void load(Module& module, const Checkpoint& checkpoint, const LoadOptions& options = {});

/// Makes only the first of these checks: compares the module with the file's header, and reads no
/// values.
void expect_fit(const Module& module, const Checkpoint& checkpoint,
                const LoadOptions& options = {});

/// A tensor of the checkpoint in another type, on the CPU. Throws Error that names the tensor if
/// its numbers are too large for the type.
at::Tensor converted(const Checkpoint& checkpoint, const std::string& name, at::ScalarType dtype);

/// Names and shapes of all parameters: the keys that a checkpoint must have.
std::vector<std::pair<std::string, std::vector<int64_t>>> tensor_list(const Module& module);

}  // namespace unclip
