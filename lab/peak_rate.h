#pragma once

#include <c10/core/Device.h>
#include <c10/core/ScalarType.h>

namespace unclip::lab {

/// Floating-point operations per second that libtorch reaches on this machine: the best rate of a
/// few large matrix products and direct 3x3 convolutions.
double peak_rate(c10::ScalarType type, c10::Device device);

}  // namespace unclip::lab
