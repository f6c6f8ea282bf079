#pragma once

#include <c10/core/Device.h>
#include <c10/core/ScalarType.h>

namespace unclip::cli {

class Arguments;

/// What --device names: cpu, cuda, cuda:K. Loads libtorch's CUDA part where it is asked for.
/// Throws UsageError for another name, Error where there is no such device or the CUDA part is not
/// there.
c10::Device open_device(const Arguments& arguments);

/// What --dtype names.
c10::ScalarType chosen_dtype(const Arguments& arguments);

/// Sets what --threads asks for.
void set_threads(const Arguments& arguments);

}  // namespace unclip::cli
