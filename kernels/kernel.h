#pragma once

#include <ATen/core/dispatch/Dispatcher.h>

namespace unclip {

/// An operator of kernels/ by its name in torch's dispatcher, "unclip::linear"; Signature is that
/// of the function of this name in kernels/operators.h. Throws c10::Error if there is no such
/// operator.
template <class Signature>
auto kernel(const char* name) {
  return c10::Dispatcher::singleton().findSchemaOrThrow(name, "").typed<Signature>();
}

}  // namespace unclip
