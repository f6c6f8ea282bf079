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

/// What --dtype names; `auto` is bfloat16 where the device multiplies it by instructions of its
/// own, else float32.
c10::ScalarType chosen_dtype(const Arguments& arguments);
/// "float32", "bfloat16" or "float16".
std::string dtype_name(c10::ScalarType dtype);
/// The type of a name that a file tells. Throws Error where it is none.
c10::ScalarType dtype_named(const std::string& name, const std::string& file);

/// Sets what --threads asks for.
void set_threads(const Arguments& arguments);

}  // namespace unclip::cli
