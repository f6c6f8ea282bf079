#pragma once

#include "kernels/accelerator.h"

// The functions of libunclip_cuda.so, which kernels/device.cpp looks up by name. Loading the
// library registers its operators with torch's dispatcher.

extern "C" {

/// The version of the project whose headers it was built with.
const char* unclip_cuda_version();
/// The accelerator, which is never destroyed.
unclip::Accelerator* unclip_cuda_accelerator();
}
