#pragma once

#include <ATen/core/Tensor.h>

#include <functional>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "kernels/accelerator.h"

namespace unclip {

/// Records a network's evaluation on a device that can (a CUDA graph) and replays it, which saves
/// launching hundreds of small operators. On other devices it only calls the network. It lives as
/// long as the network's weights, through any number of sampling runs.
class Replay {
 public:
  using Body = std::function<at::Tensor(const std::vector<at::Tensor>& inputs)>;

  /// Whether it does more than to call on this device.
  static bool records(at::Device device) { return accelerator(device) != nullptr; }

  /// Returns body(inputs), all on one device. `body` depends only on the weights and its inputs,
  /// and is the same in every call with inputs of the same shapes: the first call runs it, the
  /// second records it, later ones replay it. An input that is the same tensor object as in the
  /// call before is not copied again, so do not write to it in place. The last call's inputs stay
  /// alive until the next one.
  at::Tensor operator()(const std::vector<at::Tensor>& inputs, const Body& body);

  /// What the device said where it could not record: those evaluations are calls, and take longer.
  const std::set<std::string>& refusals() const { return refusals_; }

 private:
  struct Recorded {
    bool called = false;
    bool refused = false;
    std::vector<at::Tensor> places;  // what the recording reads
    std::vector<at::Tensor> copied;  // whose numbers are in them
    at::Tensor result;               // where it writes
    std::unique_ptr<Recording> recording;
  };
  void record(Recorded& recorded, const std::vector<at::Tensor>& inputs, const Body& body);

  std::map<std::string, Recorded> recorded_;  // by types and shapes of the inputs
  std::set<std::string> refusals_;
};

/// network(inputs, context) by way of `replay`. The context's tensors() are pointers to its tensors
/// in an order that is always the same; `network` reads no others of it.
template <class Context, class Network>
at::Tensor replayed(Replay& replay, std::vector<at::Tensor> inputs, const Context& context,
                    const Network& network) {
  if (!Replay::records(inputs.front().device())) return network(inputs, context);
  const auto count = static_cast<std::ptrdiff_t>(inputs.size());
  auto bound = context;
  for (const auto* tensor : bound.tensors()) inputs.push_back(*tensor);
  return replay(inputs, [=](const std::vector<at::Tensor>& places) mutable {
    auto place = places.begin() + count;
    for (auto* tensor : bound.tensors()) *tensor = *place++;
    return network(std::vector<at::Tensor>(places.begin(), places.begin() + count), bound);
  });
}

}  // namespace unclip
