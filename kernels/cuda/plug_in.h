#pragma once

#include "kernels/accelerator.h"

// What libunclip_cuda.so offers by name; kernels/device.cpp looks it up. Its operators enter
// torch's dispatcher when it is loaded.

extern "C" {

/// The project's, whose headers it was built with.
const char* unclip_cuda_version();
/// Lives as long as the process.
unclip::Accelerator* unclip_cuda_accelerator();
}
