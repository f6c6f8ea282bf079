#pragma once

#include <ATen/core/Tensor.h>

#include <cstdint>
#include <map>
#include <string>
#include <vector>

namespace unclip::train {

struct OptimizerConfig {
  double learning_rate = 1e-3;
  double matrix_rate = 0;  // of Muon, for matrices and convolutions; 0: AdamW updates them too
  double beta_1 = 0.9;
  double beta_2 = 0.99;
  double weight_decay = 0.01;  // for matrices and convolutions, not for vectors
  double clip_norm = 1.0;
  double average_decay = 0.9995;
  int64_t warm_up = 200;  // steps in which the rate rises linearly
  int64_t cool_down = 0;  // steps at the end in which it falls linearly to zero
  int64_t steps = 0;      // of the whole run
};

/// AdamW (Loshchilov & Hutter 2017, algorithm 2, https://arxiv.org/abs/1711.05101) with a learning
/// rate that rises, stays constant and falls, clipped gradients, and a moving average of the
/// parameters. If matrix_rate is set, matrices and convolutions inside the networks (not
/// embeddings, and not the first and last layers) are updated by Muon (Jordan et al. 2024,
/// https://kellerjordan.github.io/posts/muon): by the orthogonal matrix nearest to the momentum,
/// which changes all directions equally.
class Optimizer {
 public:
  /// The parameters are updated in place; the strings are their keys in a saved state.
  Optimizer(std::vector<std::pair<std::string, at::Tensor>> parameters, OptimizerConfig config);

  double learning_rate(int64_t step) const { return config_.learning_rate * progress(step); }
  /// Takes a step, which consumes the gradients. Returns their norm before clipping.
  double update(int64_t step);

  /// The moving averages, by key.
  std::map<std::string, at::Tensor> averages() const;
  /// Exchanges the parameters' values and their averages; a second call restores them.
  void swap_averages();

  /// Everything that a resumed run needs, as float32 tensors for restore().
  std::map<std::string, at::Tensor> state() const;
  void restore(const std::map<std::string, at::Tensor>& state);

 private:
  double progress(int64_t step) const;
  void update_group(const std::vector<size_t>& group, int64_t step, double weight_decay);
  void update_orthogonal(int64_t step);

  OptimizerConfig config_;
  std::vector<std::string> keys_;
  std::vector<at::Tensor> parameters_, first_moments_, second_moments_, averages_;
  std::vector<size_t> decayed_, undecayed_, orthogonal_;
};

/// A matrix with the same singular vectors and all singular values near 1 (about 0.7 to 1.2; small
/// ones stay smaller), by five Newton-Schulz steps of the quintic of Jordan et al. 2024.
/// x (N, R, C), float32
at::Tensor orthogonalised(const at::Tensor& x);

}  // namespace unclip::train
