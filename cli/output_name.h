#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <string>

#include "base/write_file.h"

namespace unclip::cli {

/// Whether --output names standard output: "-", /dev/stdout, or another name of descriptor 1.
bool is_standard_output(const std::string& output);

/// The names of the files that a run writes, from the value of --output.
///   - (and /dev/stdout)                      standard output, for one image
///   an existing folder, or a name with / at its end    DIR/<fallback>
///   a name with {i}, {seed}, {prompt} or {model}       these filled in
///   a pipe or a device                       itself
///   any other                                the name itself, or with -{i} before its extension
///                                            if there are several files
///   nothing                                  ./<fallback>
class OutputName {
 public:
  /// `fallback` is a pattern: "unclip-{seed}.png". Throws UsageError for other words in braces, and
  /// for several files that would go to standard output or a pipe.
  OutputName(const std::string& given, const std::string& fallback, int64_t files);

  bool is_standard_output() const { return stream_; }
  /// What stands for {model}, made safe for file names as a prompt is; "model" if nothing is left.
  void set_model(const std::string& name) { model_ = name; }
  /// The name of file i. The prompt is made safe for file names: see `file_name_of_prompt`.
  std::filesystem::path path(int64_t i, uint64_t seed, const std::string& prompt = "") const;
  int64_t files() const { return files_; }

  /// The prompt of file i.
  using PromptOf = std::function<std::string(int64_t i)>;
  /// Makes the folders that a DIR or a pattern names. Throws Error if a file of the run, whose
  /// seeds follow each other, could not be written; then no folder is made.
  void prepare(uint64_t first_seed, WriteMode mode = WriteMode::kNextFreeName,
               const PromptOf& prompt_of = {}) const;
  /// Makes the folder of a `path` of this run, for a seed that `prepare` did not foresee.
  void make_folder_of(const std::filesystem::path& path) const;

 private:
  void expect_writable_files(uint64_t first_seed, WriteMode mode, const PromptOf& prompt_of) const;

  bool stream_ = false;
  bool makes_folders_ = false;
  std::filesystem::path folder_;  // as it is; empty unless a DIR was given
  std::string pattern_, model_;
  int64_t files_;
};

/// A prompt as a part of a file's name, of at most 100 bytes: letters, digits and signs that no
/// file system and no shell minds; spaces and all others become one _. "image" if nothing is left.
std::string file_name_of_prompt(const std::string& prompt);

/// Throws Error if `write_file` could not write the file: its folder is not there or is read-only,
/// the name is a folder's, or is too long; so would be the name with the number that it gets if it
/// is taken, or `write_file`'s scratch name. `namesakes`: how many files of the run may get the
/// same name before it.
void expect_writable(const std::filesystem::path& path, WriteMode mode = WriteMode::kNextFreeName,
                     int64_t namesakes = 0);

}  // namespace unclip::cli
