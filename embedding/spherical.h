#pragma once

#include <ATen/core/Tensor.h>

#include <vector>

namespace unclip {

// Between embeddings, or noises, which have their meaning in their direction: along the sphere. A
// tensor counts as one vector, whatever its shape. Computed in double, given back in float32.

/// The point at the part t in [0, 1] of the way from a to b along a great circle,
///   sin((1 - t) u) / sin(u) a + sin(t u) / sin(u) b,  u the angle between them, |a| = |b| = 1.
/// Shoemake 1985, section 3.3, https://doi.org/10.1145/325334.325242. Lengths go evenly from |a| to
/// |b|.
at::Tensor slerp(const at::Tensor& a, const at::Tensor& b, double t);

/// The same for many points (N, ...) and weights, each >= 0 with a sum above 0: the direction with
/// the least weighted sum of squared angles to theirs, the weighted mean of their lengths.
/// Buss & Fillmore 2001, algorithm A1, https://doi.org/10.1145/502122.502124
at::Tensor spherical_mean(const at::Tensor& points, const std::vector<double>& weights);

/// A picture's embedding z turned towards the change from one text to another: slerp from z to
///   z_d = (to - from) / |to - from|,
/// theta of the way. Ramesh et al. 2022, section 3.3, https://arxiv.org/abs/2204.06125. Differs:
/// z's length is kept. z, from, to (D) -> (D)
at::Tensor text_diff(const at::Tensor& z, const at::Tensor& from, const at::Tensor& to,
                     double theta);

}  // namespace unclip
