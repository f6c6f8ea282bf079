#pragma once

#include <c10/core/Device.h>

#include <optional>
#include <string_view>

namespace unclip {

/// cpu, cuda or cuda:K; nothing for another name.
std::optional<c10::Device> parse_device(std::string_view name);

/// Makes a device ready for use. The programs are linked against libtorch's CPU part alone; for a
/// CUDA device the other part, which lies beside it, is loaded here, and unclip's own, which is the
/// device's accelerator() and without which libtorch's kernels are used. Before any tensor's
/// arithmetic: libtorch keeps what it knew of devices then. Throws Error where libtorch's part or
/// the device is not there, and where unclip's does not load or is of another version.
void open_device(c10::Device device);

}  // namespace unclip
