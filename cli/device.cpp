#include "cli/device.h"

#include <ATen/Parallel.h>

#include "cli/arguments.h"
#include "core/device.h"

namespace unclip::cli {

c10::Device open_device(const Arguments& arguments) {
  const auto device = parse_device(arguments.text("device"));
  if (!device) arguments.refuse("device", "cpu, cuda or cuda:K");
  unclip::open_device(*device);
  return *device;
}

c10::ScalarType chosen_dtype(const Arguments& arguments) {
  return arguments.choice<c10::ScalarType>(
      "dtype", {{"float32", c10::kFloat}, {"bfloat16", c10::kBFloat16}, {"float16", c10::kHalf}});
}

void set_threads(const Arguments& arguments) {
  if (const auto threads = arguments.integer_if_given("threads", 1, 1024)) {
    at::set_num_threads(static_cast<int>(*threads));
  }
}

}  // namespace unclip::cli
