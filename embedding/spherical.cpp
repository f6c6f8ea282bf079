#include "embedding/spherical.h"

#include <cmath>

#include "kernels/tensor.h"

namespace unclip {
namespace {

constexpr double kSmallAngle = 1e-6;  // below it sin(u) = u
constexpr int kMostIterations = 100;  // of the mean; a handful is enough

at::Tensor unit(const at::Tensor& x) { return x / x.norm(); }

/// Of two unit vectors. By the distance and not by the cosine, which is blind to small angles.
double angle(const at::Tensor& a, const at::Tensor& b) {
  const double half = (a - b).norm().item<double>() / 2;
  return 2 * std::asin(std::min(half, 1.0));
}

at::Tensor on_great_circle(const at::Tensor& a, const at::Tensor& b, double t) {
  const double u = angle(a, b);
  if (u < kSmallAngle || M_PI - u < kSmallAngle) return unit((1 - t) * a + t * b);
  return (std::sin((1 - t) * u) * a + std::sin(t * u) * b) / std::sin(u);
}

/// The vector from q along the sphere to p, in the plane that touches it at q.
at::Tensor tangent(const at::Tensor& q, const at::Tensor& p) {
  const double u = angle(q, p);
  const auto across = p - (q * p).sum() * q;
  return u < kSmallAngle || M_PI - u < kSmallAngle ? across : across * (u / std::sin(u));
}

}  // namespace

at::Tensor slerp(const at::Tensor& a, const at::Tensor& b, double t) {
  const auto from = a.to(at::kDouble), to = b.to(at::kDouble);
  const auto length = (1 - t) * from.norm() + t * to.norm();
  return (length * on_great_circle(unit(from), unit(to), t)).to(at::kFloat);
}

at::Tensor spherical_mean(const at::Tensor& points, const std::vector<double>& weights) {
  TORCH_CHECK(points.size(0) == static_cast<int64_t>(weights.size()),
              "spherical_mean: ", points.size(0), " points, ", weights.size(), " weights");
  const auto p = points.to(at::kDouble).flatten(1);               // (N, D)
  const auto w = ops::tensor(weights, at::kDouble).unsqueeze(1);  // (N, 1)
  const auto share = w / w.sum();
  const auto lengths = p.norm(2, {1}, /*keepdim=*/true);
  const auto directions = p / lengths;

  auto q = unit((share * directions).sum(0));
  for (int i = 0; i < kMostIterations; ++i) {
    auto step = ops::zeros_like(q);
    for (int64_t n = 0; n < p.size(0); ++n) step += share[n] * tangent(q, directions[n]);
    const double u = step.norm().item<double>();
    if (u < 1e-12) break;
    q = unit(std::cos(u) * q + std::sin(u) / u * step);
  }
  return ((share * lengths).sum() * q).to(at::kFloat).view(points.sizes().slice(1));
}

at::Tensor text_diff(const at::Tensor& z, const at::Tensor& from, const at::Tensor& to,
                     double theta) {
  const auto length = z.to(at::kDouble).norm();
  const auto z_d = to.to(at::kDouble) - from.to(at::kDouble);
  return slerp(z, length * unit(z_d), theta);
}

}  // namespace unclip
