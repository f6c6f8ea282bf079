#pragma once

#include <ATen/core/Tensor.h>

#include <functional>
#include <string>
#include <vector>

namespace unclip {

class ModelDir;

/// Rows of length 1. x (N, D) -> (N, D)
at::Tensor normalised(const at::Tensor& x);

/// Cosine of every row of a with every row of b. a (N, D), b (M, D) -> (N, M) in [-1, 1]
at::Tensor cosines(const at::Tensor& a, const at::Tensor& b);

/// What CLIP multiplies cosines by before the softmax: exp of `logit_scale`, which the metadata of
/// a text encoder's weights may tell; else 100, where the published models' ended.
/// Radford et al. 2021, section 2.5, https://arxiv.org/abs/2103.00020
double similarity_scale(const ModelDir& model);

/// An embedding that stands for each label: the mean of what `encode_texts` makes of the label in
/// every template ("a photo of {}"), each of length 1, brought to length 1.
/// Radford et al. 2021, section 3.1.4. -> (labels, D)
at::Tensor label_embeddings(
    const std::vector<std::string>& labels, const std::vector<std::string>& templates,
    const std::function<at::Tensor(const std::vector<std::string>&)>& encode_texts);

}  // namespace unclip
