#pragma once

#include <cstddef>
#include <cstdint>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/error.h"

namespace unclip::fuzz {

/// A reader of bytes that nobody vouches for.
struct Target {
  std::string name;
  /// Reads the bytes. Throws Error if it refuses them; any other exception is a defect.
  void (*read)(std::string_view bytes);
  /// Files that it reads, besides those in corpus/NAME/: FOLDER/*.EXTENSION or FOLDER/NAME, in
  /// tests/golden/.
  std::vector<std::string> golden;
};

/// Those of the program, for replay_test.cpp.
inline std::vector<Target>& targets() {
  static std::vector<Target> all;
  return all;
}

/// Whether the reader takes the bytes.
inline bool accepts(const Target& target, std::string_view bytes) {
  try {
    target.read(bytes);
    return true;
  } catch (const Error&) {
    return false;
  }
}

/// Throws std::logic_error, which ends the fuzzer, unless a reader's result is as it promises.
inline void expect(bool kept, const char* promise) {
  if (!kept) throw std::logic_error(promise);
}

struct Registration {
  explicit Registration(Target target) { targets().push_back(std::move(target)); }
};

}  // namespace unclip::fuzz

#ifdef UNCLIP_FUZZ
#define UNCLIP_FUZZ_ENTRY(name)                                             \
  extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) { \
    unclip::fuzz::accepts(unclip::fuzz::targets().front(),                  \
                          {reinterpret_cast<const char*>(data), size});     \
    return 0;                                                               \
  }
#else
#define UNCLIP_FUZZ_ENTRY(name)
#endif

/// UNCLIP_FUZZ_TARGET(name, "golden files"...) { reads `bytes` }
/// With UNCLIP_FUZZ it is libFuzzer's entry, and a program has one; else a program has several.
#define UNCLIP_FUZZ_TARGET(name, ...)                                                             \
  static void fuzz_##name(std::string_view bytes);                                                \
  static const unclip::fuzz::Registration registered_##name{{#name, fuzz_##name, {__VA_ARGS__}}}; \
  UNCLIP_FUZZ_ENTRY(name)                                                                         \
  static void fuzz_##name(std::string_view bytes)
