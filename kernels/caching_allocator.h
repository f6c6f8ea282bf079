#pragma once

namespace unclip {

/// For a program's first line: libtorch's large pieces of memory come from one that keeps what is
/// freed. A network's pictures are tens of megabytes each; the C library gives such pieces back to
/// the kernel, which fills them with zeros the next time, and that takes longer than the arithmetic
/// of a normalisation. Beyond half a gigabyte what is kept never raises the process's peak: a new
/// piece is made only after kept ones have made room below the most that was ever in use. Large
/// pieces lie in huge pages where the system has them. The library itself never calls it.
void use_caching_allocator();

}  // namespace unclip
