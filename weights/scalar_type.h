#pragma once

#include <c10/core/ScalarType.h>

#include <optional>
#include <string_view>

#include "weights/tensor_entry.h"

namespace unclip {

/// The torch type of a file's dtype; empty if the engine does not compute with it. F64 F32 F16 BF16
/// I64 I32 I16 I8 U8 BOOL have one.
std::optional<at::ScalarType> scalar_type(Dtype dtype);

/// The file's dtype of a torch type; empty if a file cannot hold it, or the engine could not read
/// it again.
std::optional<Dtype> file_dtype(at::ScalarType type);

/// "F64, F32, ... BOOL", for messages.
std::string_view implemented_dtypes();

}  // namespace unclip
