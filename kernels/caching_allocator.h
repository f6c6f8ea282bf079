#pragma once

namespace unclip {

/// Call first in main(): makes libtorch reuse large freed blocks of memory instead of returning
/// them to the system. A network's activations are tens of megabytes each; the C library returns
/// such blocks to the kernel, which fills them with zeros at the next allocation, and that takes
/// longer than the arithmetic of a normalisation. Up to half a gigabyte of blocks may always be
/// kept. Beyond that, kept blocks never raise the process's peak: before a new block is allocated,
/// kept blocks are freed until the total is below the most that was ever in use. Large blocks are
/// in huge pages if the system has them. The library itself never calls this function.
void use_caching_allocator();

}  // namespace unclip
