#include "cli/device.h"

#include <ATen/Parallel.h>

#include "base/error.h"
#include "cli/arguments.h"
#include "kernels/device.h"
#include "kernels/processor.h"

namespace unclip::cli {
namespace {

constexpr std::pair<std::string_view, c10::ScalarType> kDtypes[] = {
    {"float32", c10::kFloat}, {"bfloat16", c10::kBFloat16}, {"float16", c10::kHalf}};

/// Whether the device has instructions of its own for products in bfloat16.
bool multiplies_bfloat16(const Arguments& arguments) {
  const auto device = parse_device(arguments.text("device"));
  return (device && device->is_cuda()) || multiplies(c10::kBFloat16);
}

}  // namespace

c10::Device open_device(const Arguments& arguments) {
  const auto device = parse_device(arguments.text("device"));
  if (!device) arguments.refuse("device", "cpu, cuda or cuda:K");
  unclip::open_device(*device);
  return *device;
}

c10::ScalarType chosen_dtype(const Arguments& arguments) {
  const auto quickest = multiplies_bfloat16(arguments) ? c10::kBFloat16 : c10::kFloat;
  return arguments.choice<c10::ScalarType>(
      "dtype", {kDtypes[0], kDtypes[1], kDtypes[2], {"auto", quickest}});
}

std::string dtype_name(c10::ScalarType dtype) {
  for (const auto& [name, type] : kDtypes) {
    if (dtype == type) return std::string(name);
  }
  return c10::toString(dtype);
}

c10::ScalarType dtype_named(const std::string& name, const std::string& file) {
  for (const auto& [dtype, type] : kDtypes) {
    if (name == dtype) return type;
  }
  fail(file, ": 'dtype' is '", name, "'; expected float32, bfloat16 or float16");
}

void set_threads(const Arguments& arguments) {
  if (const auto threads = arguments.integer_if_given("threads", 1, 1024)) {
    at::set_num_threads(static_cast<int>(*threads));
  }
}

}  // namespace unclip::cli
