#include "nn/timestep_embedding.h"

#include <gtest/gtest.h>

#include <cmath>

#include "tests/support/close.h"
#include "tests/support/golden.h"

namespace unclip {
namespace {

using testing::close;
using testing::Golden;

TEST(Sinusoids, AreDiffusers) {
  const Golden golden("timestep_embedding");
  for (const int64_t width : {8, 320}) {
    for (const bool cosines_first : {true, false}) {
      for (const int shift : {0, 1}) {
        const auto name = "width" + std::to_string(width) + (cosines_first ? ".cos" : ".sin") +
                          "_first.shift" + std::to_string(shift);
        const auto found = sinusoids(golden["t"], {.width = width,
                                                   .flip_sin_to_cos = cosines_first,
                                                   .freq_shift = static_cast<double>(shift)});
        // exp() rounds the last bit of a frequency differently on Intel's and AMD's processors;
        // t = 999 makes up to 999 * 2^-24 of it.
        EXPECT_TRUE(close(found, golden[name], /*rtol=*/1e-6, /*atol=*/999 * 0x1p-24)) << name;
      }
    }
  }
}

TEST(Sinusoids, TurnWithTheirFrequencies) {
  const auto found = sinusoids(at::tensor({int64_t{3}}), {.width = 4});
  // Frequencies 1 and 1 / 100, cosines first.
  const auto expected =
      at::tensor({std::cos(3.0), std::cos(0.03), std::sin(3.0), std::sin(0.03)}).unsqueeze(0);
  EXPECT_TRUE(close(found, expected, /*rtol=*/1e-6));
}

TEST(Sinusoids, RefuseAnOddWidth) {
  EXPECT_THROW(sinusoids(at::tensor({int64_t{3}}), {.width = 5}), c10::Error);
}

}  // namespace
}  // namespace unclip
