#pragma once

namespace unclip {

/// For a program's first line: memory that is freed stays with the process and is used again. A
/// network's pictures are tens of megabytes each; glibc gives such pieces back to the kernel, which
/// fills them with zeros the next time, and that takes longer than the arithmetic of a
/// normalisation. Does nothing with another C library. The library itself never calls it.
void keep_freed_memory();

}  // namespace unclip
