#include "lab/operation_counter.h"

#include <ATen/record_function.h>

#include <map>
#include <string_view>

#include "kernels/tensor.h"

namespace unclip::lab {
namespace {

thread_local double counted = 0;
thread_local int depth = 0;  // of nested operators that are counted

using Operands = c10::ArrayRef<const c10::IValue>;

// The functions below return the operations per number of the result.

// x (..., in), weight (out, in)
int64_t of_linear(const Operands& in) { return 2 * in[1].toTensor().size(-1); }
// a (..., n, k), b (..., k, m)
int64_t of_product(const Operands& in) { return 2 * in[0].toTensor().size(-1); }
// bias, a, b
int64_t of_added_product(const Operands& in) { return 2 * in[1].toTensor().size(-1); }
// weight (C_out, C_in, k, k)
int64_t of_convolution(const Operands& in) {
  const auto weight = in[1].toTensor();
  return 2 * weight.numel() / weight.size(0);
}
// q (B, N, T, K), k (B, N, T', K): for each of T', a score and a value
int64_t of_attention(const Operands& in) { return 4 * in[1].toTensor().size(-2); }

using Count = int64_t (*)(const Operands& in);
const std::map<std::string_view, Count> kCounts = {
    {"unclip::conv3x3", of_convolution},
    {"unclip::linear", of_linear},
    {"unclip::attention", of_attention},
    {"aten::conv2d", of_convolution},
    {"aten::linear", of_linear},
    {"aten::matmul", of_product},
    {"aten::mm", of_product},
    {"aten::bmm", of_product},
    {"aten::addmm", of_added_product},
    {"aten::scaled_dot_product_attention", of_attention},
};

/// The state of one counted operator; others have none. It is made at the start, because the
/// operands are gone when the operator ends.
struct Counted : at::ObserverContext {
  explicit Counted(int64_t each) : each(each) {}
  int64_t each;
};

std::unique_ptr<at::ObserverContext> begin(const at::RecordFunction& function) {
  const auto count = kCounts.find(function.name());
  if (count == kCounts.end()) return nullptr;
  ++depth;
  return std::make_unique<Counted>(count->second(function.inputs()));
}

void end(const at::RecordFunction& function, at::ObserverContext* context) {
  if (context == nullptr) return;
  // Operators called by a counted operator are already included in its count.
  if (--depth > 0) return;
  const auto& outputs = function.outputs();
  if (outputs.empty() || !outputs[0].isTensor()) return;
  counted += static_cast<double>(static_cast<Counted*>(context)->each) *
             static_cast<double>(outputs[0].toTensor().numel());
}

}  // namespace

OperationCounter::OperationCounter() {
  counted = 0;
  handle_ = at::addThreadLocalCallback(at::RecordFunctionCallback(begin, end)
                                           .needsInputs(true)
                                           .needsOutputs(true)
                                           .scopes({at::RecordScope::FUNCTION}));
}

OperationCounter::~OperationCounter() { at::removeCallback(handle_); }

double OperationCounter::operations() const { return counted; }

}  // namespace unclip::lab
