#pragma once

#include <c10/core/Device.h>

#include <optional>
#include <string_view>

namespace unclip {

/// Parses cpu, cuda or cuda:K; nothing for any other name.
std::optional<c10::Device> parse_device(std::string_view name);

/// Makes a device ready for use. Call it before any computation with tensors, because libtorch
/// caches at that point what it knows about devices. The programs are linked only against
/// libtorch's CPU part. For a CUDA device this function loads libtorch's CUDA part, which is in the
/// same folder, and unclip's own, which provides the device's accelerator(); without unclip's,
/// libtorch's kernels are used. Throws Error if libtorch's part or the device does not exist, or if
/// unclip's part cannot be loaded or has another version.
void open_device(c10::Device device);

}  // namespace unclip
