#include "kernels/caching_allocator.h"

#include <ATen/ATen.h>
#include <gtest/gtest.h>

#include <thread>
#include <vector>

namespace unclip {
namespace {

constexpr int64_t kMegabyte = 1 << 20;

at::Tensor bytes(int64_t size) { return at::empty({size}, at::kByte); }

// The allocator stays for the rest of the process: its other tests run on it.
struct CachingAllocator : ::testing::Test {
  CachingAllocator() { use_caching_allocator(); }
};

TEST_F(CachingAllocator, GivesWhatWasFreedToTheNextOfItsSize) {
  void* first = nullptr;
  {
    const auto piece = bytes(40 * kMegabyte);
    first = piece.data_ptr();
  }
  EXPECT_EQ(bytes(40 * kMegabyte).data_ptr(), first);
  EXPECT_EQ(bytes(39 * kMegabyte).data_ptr(), first) << "not much smaller";
  EXPECT_NE(bytes(20 * kMegabyte).data_ptr(), first) << "half of it would be lost";
}

TEST_F(CachingAllocator, GivesEveryByteOfAPieceOfAnySize) {
  for (const auto size : {int64_t{0}, int64_t{1}, kMegabyte - 1, kMegabyte, kMegabyte + 1,
                          3 * kMegabyte + 5, 16 * kMegabyte - 1, 33 * kMegabyte}) {
    auto piece = bytes(size);
    piece.fill_(7);
    EXPECT_EQ(piece.sum().item<int64_t>(), 7 * size);
  }
}

TEST_F(CachingAllocator, KeepsPiecesApartAmongThreads) {
  std::vector<std::thread> threads;
  for (int64_t id = 0; id < 4; ++id) {
    threads.emplace_back([id] {
      for (int64_t i = 0; i < 50; ++i) {
        const auto piece = bytes((1 + (i + id) % 5) * kMegabyte).fill_(id);
        EXPECT_TRUE((piece == id).all().item<bool>());
      }
    });
  }
  for (auto& thread : threads) thread.join();
}

TEST_F(CachingAllocator, ServesPiecesThatLibtorchTakesAndGivesBackByPointer) {
  auto* allocator = at::getCPUAllocator();
  for (const size_t size : {size_t{100}, size_t{5} << 20}) {
    auto* piece = static_cast<char*>(allocator->raw_allocate(size));
    piece[size - 1] = 1;
    allocator->raw_deallocate(piece);
  }
}

}  // namespace
}  // namespace unclip
