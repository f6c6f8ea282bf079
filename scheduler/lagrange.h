#pragma once

#include <cstddef>
#include <vector>

namespace unclip {

/// The coefficients, that of degree 0 first, of the Lagrange polynomial that is 1 at nodes[j] and 0
/// at the other nodes.
std::vector<double> lagrange_polynomial(const std::vector<double>& nodes, size_t j);

}  // namespace unclip
