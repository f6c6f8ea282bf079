#pragma once

#include <cstddef>
#include <vector>

namespace unclip {

/// Lagrange's polynomial that is 1 at nodes[j] and 0 at the others: its coefficients, of degree 0
/// first.
std::vector<double> lagrange_polynomial(const std::vector<double>& nodes, size_t j);

}  // namespace unclip
