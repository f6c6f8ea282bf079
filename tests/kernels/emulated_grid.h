#pragma once

#include <ucontext.h>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <exception>
#include <functional>
#include <memory>
#include <span>
#include <stdexcept>
#include <utility>
#include <vector>

// Runs a kernel's template on a CPU. Every thread of the grid is a fiber, a stack of its own in the
// one thread of the program, and runs until a barrier stops it; which of them goes first is the
// test's to choose. Wrong results in either order tell of a barrier that is missing. The address
// sanitizer warns of swapcontext, and works.

namespace unclip::testing {

enum class Order { kForward, kBackward };

struct GridShape {
  int blocks, threads;
  size_t shared_bytes = 0;  // of each block
  Order order = Order::kForward;
};

class EmulatedGrid;

/// What kernels/cuda/block.cuh asks of a Block, for one thread.
class EmulatedBlock {
 public:
  int thread() const { return thread_; }
  int threads() const;
  int block() const { return block_; }
  int blocks() const;
  void sync();
  void sync_grid();
  void* shared();

 private:
  friend EmulatedGrid;
  EmulatedGrid* grid_ = nullptr;
  int block_ = 0, thread_ = 0;
};

class EmulatedGrid {
 public:
  using Kernel = std::function<void(EmulatedBlock&)>;

  EmulatedGrid(const GridShape& shape, Kernel kernel)
      : shape_(shape),
        kernel_(std::move(kernel)),
        fibers_(static_cast<size_t>(shape.blocks) * shape.threads),
        stacks_(std::make_unique_for_overwrite<std::byte[]>(fibers_.size() * kStackBytes)) {
    for (int b = 0; b < shape.blocks; ++b) memories_.emplace_back(shape.shared_bytes);
    for (size_t n = 0; n < fibers_.size(); ++n) {
      auto& fiber = fibers_[n];
      fiber.block.grid_ = this;
      fiber.block.block_ = static_cast<int>(n) / shape.threads;
      fiber.block.thread_ = static_cast<int>(n) % shape.threads;
      getcontext(&fiber.context);
      fiber.context.uc_stack = {
          .ss_sp = stacks_.get() + n * kStackBytes, .ss_flags = 0, .ss_size = kStackBytes};
      fiber.context.uc_link = &scheduler_;
      makecontext(&fiber.context, &EmulatedGrid::run_fiber, 0);
    }
  }

  /// To the end of every thread. Each block goes as far as it can before the next. Throws where
  /// threads wait for what never comes, where one wrote past the end of shared memory, and what a
  /// thread threw.
  void run() {
    while (!all_are(fibers_, State::kEnded)) {
      for (int n = 0; n < shape_.blocks; ++n) run_block(fibers_of(in_order(n, shape_.blocks)));
      if (all_are(fibers_, State::kAtGridBarrier)) {
        release(fibers_);
      } else if (!all_are(fibers_, State::kEnded)) {
        throw std::logic_error("not all blocks reach the barrier of the grid that some wait at");
      }
    }
    for (const auto& memory : memories_) memory.check_guard();
  }

 private:
  friend EmulatedBlock;
  static constexpr size_t kStackBytes = 64 << 10;

  enum class State { kRuns, kAtBlockBarrier, kAtGridBarrier, kEnded };
  struct Fiber {
    ucontext_t context;
    State state = State::kRuns;
    EmulatedBlock block;
  };

  /// Bytes that are no number, whatever the type, between `bytes` and a guard.
  struct SharedMemory {
    explicit SharedMemory(size_t bytes)
        : bytes(bytes), words((bytes + kGuardBytes + sizeof(Word) - 1) / sizeof(Word)) {
      std::memset(words.data(), 0xff, words.size() * sizeof(Word));
      std::memset(guard(), kGuard, kGuardBytes);
    }
    unsigned char* guard() { return reinterpret_cast<unsigned char*>(words.data()) + bytes; }
    void check_guard() const {
      const auto* end = reinterpret_cast<const unsigned char*>(words.data()) + bytes;
      if (std::any_of(end, end + kGuardBytes, [](unsigned char c) { return c != kGuard; })) {
        throw std::logic_error("a thread wrote past the end of shared memory");
      }
    }

    static constexpr size_t kGuardBytes = 64;
    static constexpr unsigned char kGuard = 0xa5;
    struct alignas(16) Word {
      unsigned char bytes[16];
    };
    size_t bytes;
    std::vector<Word> words;
  };

  using Fibers = std::span<Fiber>;

  Fibers fibers_of(int block) {
    return Fibers(fibers_).subspan(static_cast<size_t>(block) * shape_.threads, shape_.threads);
  }
  static bool all_are(Fibers fibers, State state) {
    return std::ranges::all_of(fibers, [&](const Fiber& f) { return f.state == state; });
  }
  static void release(Fibers fibers) {
    for (auto& fiber : fibers) fiber.state = State::kRuns;
  }
  int in_order(int n, int count) const {
    return shape_.order == Order::kForward ? n : count - 1 - n;
  }

  static void run_fiber() {
    EmulatedGrid& grid = *current_->block.grid_;
    try {
      grid.kernel_(current_->block);
    } catch (...) {
      grid.error_ = std::current_exception();
    }
    current_->state = State::kEnded;
  }

  /// Until all its threads are at the grid's barrier, or have ended.
  void run_block(Fibers fibers) {
    for (;;) {
      for (int n = 0; n < shape_.threads; ++n) resume(fibers[in_order(n, shape_.threads)]);
      if (all_are(fibers, State::kAtGridBarrier) || all_are(fibers, State::kEnded)) return;
      if (!all_are(fibers, State::kAtBlockBarrier)) {
        throw std::logic_error("not all threads of a block reach the barrier that some wait at");
      }
      release(fibers);
    }
  }

  void resume(Fiber& fiber) {
    current_ = &fiber;
    swapcontext(&scheduler_, &fiber.context);
    if (error_) std::rethrow_exception(error_);
  }

  void wait(State state) {
    Fiber& fiber = *current_;
    fiber.state = state;
    swapcontext(&fiber.context, &scheduler_);
  }

  inline static Fiber* current_ = nullptr;

  GridShape shape_;
  Kernel kernel_;
  std::vector<Fiber> fibers_;
  std::unique_ptr<std::byte[]> stacks_;
  std::vector<SharedMemory> memories_;
  ucontext_t scheduler_;
  std::exception_ptr error_;
};

inline int EmulatedBlock::threads() const { return grid_->shape_.threads; }
inline int EmulatedBlock::blocks() const { return grid_->shape_.blocks; }
inline void EmulatedBlock::sync() { grid_->wait(EmulatedGrid::State::kAtBlockBarrier); }
inline void EmulatedBlock::sync_grid() { grid_->wait(EmulatedGrid::State::kAtGridBarrier); }
inline void* EmulatedBlock::shared() {
  return grid_->memories_[static_cast<size_t>(block_)].words.data();
}

}  // namespace unclip::testing
