#pragma once

namespace unclip::lab {

/// Counts the floating-point operations that this thread calls through libtorch's dispatcher during
/// the counter's lifetime. Counted are matrix products, convolutions (by their definition) and
/// attention, with 2 operations for each multiplication and its addition. Operators whose work is
/// only proportional to a tensor's size are left out.
class OperationCounter {
 public:
  OperationCounter();
  ~OperationCounter();
  OperationCounter(const OperationCounter&) = delete;
  OperationCounter& operator=(const OperationCounter&) = delete;

  double operations() const;

 private:
  unsigned long handle_;
};

}  // namespace unclip::lab
