#pragma once

#include <c10/core/Device.h>
#include <c10/core/ScalarType.h>

#include <string>

namespace unclip::cli {

class Arguments;

/// What --device names: cpu, cuda, cuda:K. Loads libtorch's CUDA part where it is asked for.
/// Throws UsageError for another name, Error where there is no such device or the CUDA part is not
/// there.
c10::Device open_device(const Arguments& arguments);

/// What --dtype names.
c10::ScalarType chosen_dtype(const Arguments& arguments);
/// The same of a name that a file tells. Throws Error where it is none.
c10::ScalarType dtype_named(const std::string& name, const std::string& file);

/// Sets what --threads asks for.
void set_threads(const Arguments& arguments);

}  // namespace unclip::cli
