#include "tests/kernels/emulated_grid.h"

#include <gtest/gtest.h>

#include <cmath>
#include <vector>

#include "tests/kernels/emulated_kernels.h"

namespace unclip::testing {
namespace {

TEST(EmulatedGrid, HoldsThreadsAtABarrierUntilAllAreThere) {
  for (const auto order : {Order::kForward, Order::kBackward}) {
    run({.blocks = 2, .threads = 5, .shared_bytes = 20, .order = order}, [](auto& block) {
      auto* const numbers = static_cast<int*>(block.shared());
      numbers[block.thread()] = block.thread();
      block.sync();
      EXPECT_EQ(numbers[(block.thread() + 1) % 5], (block.thread() + 1) % 5);
    });
  }
}

TEST(EmulatedGrid, HoldsBlocksAtTheGridsBarrierUntilAllAreThere) {
  for (const auto order : {Order::kForward, Order::kBackward}) {
    std::vector<int> numbers(4, -1);
    run({.blocks = 4, .threads = 3, .order = order}, [&](auto& block) {
      if (block.thread() == 0) numbers[block.block()] = block.block();
      block.sync();
      block.sync_grid();
      EXPECT_EQ(numbers[(block.block() + 1) % 4], (block.block() + 1) % 4);
    });
  }
}

TEST(EmulatedGrid, TellsOfAMissingBarrier) {
  const auto shifted = [](Order order) {
    std::vector<float> results(4);
    run({.blocks = 1, .threads = 4, .shared_bytes = 16, .order = order}, [&](auto& block) {
      auto* const numbers = static_cast<float*>(block.shared());
      numbers[block.thread()] = static_cast<float>(block.thread());
      results[block.thread()] = numbers[(block.thread() + 1) % 4];
    });
    return results;
  };
  EXPECT_FALSE(same_bits(shifted(Order::kForward), shifted(Order::kBackward)));
  EXPECT_TRUE(std::isnan(shifted(Order::kForward)[0]));
}

TEST(EmulatedGrid, HoldsNoBlockForAnotherAtItsOwnBarrier) {
  std::vector<int> numbers(2, -1);
  run({.blocks = 2, .threads = 3}, [&](auto& block) {
    numbers[block.block()] = block.block();
    block.sync();
    EXPECT_EQ(numbers[1], block.block() == 0 ? -1 : 1);
  });
}

TEST(EmulatedGrid, TellsOfThreadsThatEndBeforeABarrier) {
  const auto early = [](auto& block) {
    if (block.thread() != 1) block.sync();
  };
  EXPECT_THROW(run({.blocks = 1, .threads = 3}, early), std::logic_error);
}

TEST(EmulatedGrid, TellsOfBlocksThatEndBeforeTheGridsBarrier) {
  const auto early = [](auto& block) {
    if (block.block() != 1) block.sync_grid();
  };
  EXPECT_THROW(run({.blocks = 3, .threads = 2}, early), std::logic_error);
}

TEST(EmulatedGrid, TellsOfWritesPastSharedMemory) {
  const auto past = [](auto& block) { static_cast<char*>(block.shared())[21] = 0; };
  EXPECT_THROW(run({.blocks = 1, .threads = 1, .shared_bytes = 21}, past), std::logic_error);
}

TEST(EmulatedGrid, PassesOnWhatAThreadThrows) {
  const auto thrower = [](auto& block) {
    if (block.thread() == 1) throw std::runtime_error("of a kernel");
    block.sync();
  };
  EXPECT_THROW(run({.blocks = 1, .threads = 3}, thrower), std::runtime_error);
}

}  // namespace
}  // namespace unclip::testing
