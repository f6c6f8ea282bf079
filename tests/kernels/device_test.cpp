#include "kernels/device.h"

#include <gtest/gtest.h>

#include "base/error.h"

namespace unclip {
namespace {

TEST(Device, ReadsTheNamesOfProcessorAndCards) {
  EXPECT_EQ(parse_device("cpu"), c10::Device(c10::kCPU));
  EXPECT_EQ(parse_device("cuda"), c10::Device(c10::kCUDA, 0));
  EXPECT_EQ(parse_device("cuda:3"), c10::Device(c10::kCUDA, 3));
}

TEST(Device, KnowsNoOtherName) {
  for (const auto* name : {"", "CPU", "gpu", "cuda:", "cuda:-1", "cuda:1x", "cuda:999", "cpu:0"}) {
    EXPECT_EQ(parse_device(name), std::nullopt) << name;
  }
}

TEST(Device, OpensTheProcessorWithoutMore) { EXPECT_NO_THROW(open_device(c10::Device("cpu"))); }

TEST(Device, SaysThatACardIsNotThere) {
  // No machine has 100 cards; one without any lacks libtorch's CUDA libraries or the driver.
  EXPECT_THROW(open_device(c10::Device(c10::kCUDA, 100)), std::exception);
}

}  // namespace
}  // namespace unclip
