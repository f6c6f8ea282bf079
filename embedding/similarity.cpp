#include "embedding/similarity.h"

#include <cmath>

#include "base/error.h"
#include "base/parse_number.h"
#include "kernels/tensor.h"
#include "weights/model_dir.h"

namespace unclip {
namespace {

constexpr std::string_view kPlace = "{}";
constexpr double kPublishedScale = 100;
constexpr double kLargestLogScale = 20;

std::string filled_in(const std::string& text, const std::string& label) {
  auto result = text;
  for (auto at = result.find(kPlace); at != result.npos;
       at = result.find(kPlace, at + label.size())) {
    result.replace(at, kPlace.size(), label);
  }
  return result;
}

}  // namespace

at::Tensor normalised(const at::Tensor& x) { return x / x.norm(2, {1}, /*keepdim=*/true); }

at::Tensor cosines(const at::Tensor& a, const at::Tensor& b) {
  return normalised(a).matmul(normalised(b).t());
}

double similarity_scale(const ModelDir& model) {
  const auto weights = model.weights("text_encoder");
  const auto metadata = weights.metadata();
  const auto found = metadata.find("logit_scale");
  if (found == metadata.end()) return kPublishedScale;
  const auto& text = found->second;
  const auto value = parse_number<double>(text);
  if (!value || !(std::abs(*value) <= kLargestLogScale)) {
    fail(weights.name(), ": 'logit_scale' of its metadata: expected a number from -20 to 20, got '",
         text.substr(0, 40), "'");
  }
  return std::exp(*value);
}

at::Tensor label_embeddings(
    const std::vector<std::string>& labels, const std::vector<std::string>& templates,
    const std::function<at::Tensor(const std::vector<std::string>&)>& encode_texts) {
  std::vector<at::Tensor> rows;
  for (const auto& label : labels) {
    std::vector<std::string> texts;
    for (const auto& text : templates) texts.push_back(filled_in(text, label));
    rows.push_back(normalised(encode_texts(texts)).mean(0));
  }
  return normalised(ops::stack(rows));
}

}  // namespace unclip
