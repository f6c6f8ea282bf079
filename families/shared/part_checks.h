#pragma once

#include <c10/util/Exception.h>

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "base/config.h"
#include "clip/clip_config.h"
#include "clip/tokenizer.h"
#include "weights/load.h"
#include "weights/model_dir.h"

namespace unclip {

// The checks of one part that are possible before weights are read, for Family::check_part.

/// A number in a part's config.
struct PartNumber {
  const char* part;
  const char* key;
  int64_t value;
};
/// Throws Error unless the two are equal; the message says that a should be as b is.
void expect_equal(const ModelDir& model, const PartNumber& a, const PartNumber& b);

/// Memory of a network's parameters is reserved, not touched, so even a large one is cheap to make.
/// Throws Error if the config asks for what is not implemented, or for more than memory can be.
template <class Network, class NetworkConfig>
std::unique_ptr<Network> make_network(const Config& config) {
  const auto parsed = NetworkConfig::from(config);
  try {
    return std::make_unique<Network>(parsed);
  } catch (const c10::Error&) {  // sizes whose product no memory has
    fail(config.name(), ": asks for a network that is larger than the address space");
  }
}

/// Throws Error unless the part's weights have the tensors of its network.
template <class Network, class NetworkConfig>
void check_network(const ModelDir& model, const std::string& part) {
  const auto network = make_network<Network, NetworkConfig>(model.config(part));
  expect_fit(*network, model.weights(part));
}

void check_scheduler(const ModelDir& model, const std::string& part);
void check_tokenizer(const ModelDir& model, const std::string& part);
void check_feature_extractor(const ModelDir& model, const std::string& part);

/// A part's name and its check.
struct PartCheck {
  std::string part;
  std::function<void(const ModelDir&, const std::string&)> check;
};
/// Makes the check of that part. Throws c10::Error if there is none.
void run_check(const std::vector<PartCheck>& checks, const ModelDir& model,
               const std::string& part);

/// The tokenizer in the part "tokenizer". Throws Error if it has ids that the text encoder has not.
Tokenizer load_tokenizer(const ModelDir& model, const ClipTextConfig& text_encoder);

/// The scheduler classes that may sample: all published ones but those that lead to noise.
std::vector<std::string> sampling_classes();

}  // namespace unclip
