#pragma once

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
  /// Tensors of the file that the module need not have. Old CLIP files hold this one, which
  /// is no parameter.
  std::vector<std::string> ignored_suffixes = {"embeddings.position_ids"};
};

/// Gives every parameter of the module the checkpoint's values, all or none of them. A tensor that
/// the file stores in the requested type is not copied if the module is on the CPU: it views the
/// mapped file, whose memory all processes share that do so. The file's pages of a converted tensor
/// are given back. Parameters need no gradient afterwards.
/// Throws one Error that lists, in the module's order, what is missing, has another shape, or
/// another kind of type (integer for floating-point, say), and then what the module has no use for:
///   decoder/model.safetensors does not fit the model:
///     missing  conv_in.bias [320]
///     shape    conv_in.weight [320, 4, 3, 3], expected [320, 3, 3, 3]
///     unused   conv_in.beta [320]
/// and another that names a tensor with numbers too large for the requested type.
void load(Module& module, const Checkpoint& checkpoint, const LoadOptions& options = {});

/// The first of these errors by itself: compares the module with the file's header and reads no
/// values.
void expect_fit(const Module& module, const Checkpoint& checkpoint,
                const LoadOptions& options = {});

/// Names and shapes of all parameters: the keys that a checkpoint must have.
std::vector<std::pair<std::string, std::vector<int64_t>>> tensor_list(const Module& module);

}  // namespace unclip
