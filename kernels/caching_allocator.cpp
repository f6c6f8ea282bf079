#include "kernels/caching_allocator.h"

#include <c10/core/Allocator.h>
#include <c10/core/CPUAllocator.h>
#include <c10/core/impl/alloc_cpu.h>
#include <c10/util/Exception.h>
#include <sys/mman.h>

#include <algorithm>
#include <cstdint>
#include <cstring>
#include <map>
#include <mutex>
#include <unordered_map>

namespace unclip {
namespace {

constexpr size_t kHugePage = size_t{2} << 20;
constexpr size_t kLeast = size_t{1} << 20;  // smaller blocks come from the C library
constexpr size_t kHuge = 4 * kHugePage;     // blocks from this size on are whole huge pages
constexpr size_t kPage = size_t{64} << 10;
constexpr size_t kAlways = size_t{512} << 20;  // this much may always be kept

size_t rounded_up(size_t size, size_t unit) { return (size + unit - 1) / unit * unit; }

/// Memory that begins at the start of a huge page.
void* map(size_t size) {
  const auto all = size + kHugePage;
  void* mapped =
      mmap(nullptr, all, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, /*fd=*/-1, 0);
  if (mapped == MAP_FAILED) return nullptr;
  auto* first = static_cast<char*>(mapped);
  const auto before = rounded_up(reinterpret_cast<uintptr_t>(first), kHugePage) -
                      reinterpret_cast<uintptr_t>(first);
  if (before > 0) munmap(first, before);
  if (all > before + size) munmap(first + before + size, all - before - size);
  madvise(first + before, size, MADV_HUGEPAGE);  // a hint, which may be ignored
  return first + before;
}

class CachingAllocator final : public c10::Allocator {
 public:
  c10::DataPtr allocate(size_t size) override {
    void* piece = size < kLeast ? c10::alloc_cpu(size)
                                : take(rounded_up(size, size < kHuge ? kPage : kHugePage));
    return {piece, piece, &CachingAllocator::release, c10::Device(c10::kCPU)};
  }
  /// The deleter of all blocks.
  c10::DeleterFnPtr raw_deleter() const override { return &CachingAllocator::release; }

  void copy_data(void* to, const void* from, size_t size) const override {
    std::memcpy(to, from, size);
  }

  static CachingAllocator& instance() {
    // Tensors may outlive main(): it is never destroyed.
    static auto* allocator = new CachingAllocator;
    return *allocator;
  }

 private:
  void* take(size_t size) {
    const std::lock_guard lock(mutex_);
    // Use a kept block that is not much too large.
    const auto kept = kept_.lower_bound(size);
    if (kept != kept_.end() && kept->first <= size + size / 8) {
      void* piece = kept->second;
      used_ += kept->first;
      kept_bytes_ -= kept->first;
      sizes_[piece] = kept->first;
      kept_.erase(kept);
      return piece;
    }
    most_used_ = std::max(most_used_, used_ + size);
    // Free the smallest first: they are the fastest to allocate again.
    while (!kept_.empty() && used_ + kept_bytes_ + size > most_used_) drop(kept_.begin());
    void* piece = map(size);
    TORCH_CHECK(piece != nullptr, "no memory for ", size, " bytes");
    used_ += size;
    sizes_[piece] = size;
    return piece;
  }

  void drop(std::multimap<size_t, void*>::iterator kept) {
    munmap(kept->second, kept->first);
    kept_bytes_ -= kept->first;
    kept_.erase(kept);
  }

  static void release(void* piece) {
    auto& self = instance();
    // Our blocks begin at a huge page; a small block of the C library hardly ever does.
    if (reinterpret_cast<uintptr_t>(piece) % kHugePage != 0) return c10::free_cpu(piece);
    const std::lock_guard lock(self.mutex_);
    const auto found = self.sizes_.find(piece);
    if (found == self.sizes_.end()) return c10::free_cpu(piece);
    self.used_ -= found->second;
    self.kept_bytes_ += found->second;
    self.kept_.emplace(found->second, piece);
    self.sizes_.erase(found);
  }

  std::mutex mutex_;
  std::multimap<size_t, void*> kept_;        // free, by size
  std::unordered_map<void*, size_t> sizes_;  // in use
  size_t used_ = 0, kept_bytes_ = 0, most_used_ = kAlways;
};

}  // namespace

void use_caching_allocator() {
  c10::SetCPUAllocator(&CachingAllocator::instance(), /*priority=*/1);
}

}  // namespace unclip
