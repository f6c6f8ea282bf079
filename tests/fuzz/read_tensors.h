#pragma once

#include <ATen/core/Tensor.h>

#include <string_view>

#include "base/error.h"
#include "tests/fuzz/target.h"
#include "weights/checkpoint.h"

namespace unclip::fuzz {

/// Reads every tensor of a file. Throws Error if one of them cannot be used.
inline void read_tensors(std::string_view bytes) {
  const auto file = Checkpoint::from_bytes(bytes, "x");
  bool all = true;
  int64_t numbers = 0;
  for (const auto& name : file.names()) {
    const auto& entry = file.entry(name);
    // Tensors that repeat their elements may be many times the file.
    if ((numbers += entry.numel()) > 1 << 20) break;
    try {
      expect(file.tensor(name).sizes().vec() == entry.shape, "a tensor has its header's shape");
    } catch (const Error&) {
      all = false;  // a type that is not computed with
    }
  }
  if (!all) fail("x: not every tensor can be used");
}

}  // namespace unclip::fuzz
