#pragma once

#include <cstdint>
#include <filesystem>
#include <string>

namespace unclip::cli {

/// The names of the files that a run writes, from what stands behind --output.
///   an existing folder, or a name that ends in /   DIR/<fallback>
///   a name with {i} or {seed}                      these filled in
///   any other                                      the name itself, or with -{i} before its
///                                                  extension where there are several files
///   nothing                                        ./<fallback>
class OutputName {
 public:
  /// `fallback` is a pattern: "unclip-{seed}.png". Throws UsageError where other words than those
  /// two stand in braces.
  OutputName(const std::string& given, const std::string& fallback, int64_t files);

  std::filesystem::path path(int64_t i, uint64_t seed) const;
  int64_t files() const { return files_; }

  /// Makes the DIR where it ends in / and only its last folder is missing. Throws Error where a
  /// file cannot be written, as expect_writable does.
  void prepare(uint64_t first_seed) const;

 private:
  std::filesystem::path folder_;  // as it is; empty unless a DIR was given
  std::string pattern_;
  int64_t files_;
};

/// Throws Error where the folder of `path` is not there, nothing may be written to it, or `path` is
/// there and is no file.
void expect_writable(const std::filesystem::path& path);

}  // namespace unclip::cli
