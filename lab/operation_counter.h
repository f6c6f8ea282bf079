#pragma once

namespace unclip::lab {

/// Counts, while it lives, the floating-point operations of what this thread asks of libtorch's
/// dispatcher: 2 for each multiplication with its addition, of matrix products, convolutions by
/// their definition, and attention. What grows with a tensor's size alone is left out.
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
