#pragma once

#include <cstddef>
#include <filesystem>
#include <map>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "weights/tensor_entry.h"

namespace unclip {

/// What the reader of a format finds in the bytes of a file.
struct TensorFileContent {
  std::string format;                // "safetensors", as `unclip info` prints it
  uint64_t head_begin = 0;           // the bytes that describe the tensors
  uint64_t head_end = 0;             //
  uint64_t data_begin = 0;           // entries count their bytes from here
  std::vector<TensorEntry> entries;  // in the order of their bytes
  std::map<std::string, std::string> metadata;
  /// Names of values that are no tensors -> what they are: "an integer", "posix.system".
  std::map<std::string, std::string> skipped;
};

/// One file of tensors, mapped into memory: safetensors, or one of PyTorch's formats
/// (weights/torch_file.h). Its content decides, not its name. Opening reads only what describes the
/// tensors; the system reads the tensors' pages from the disk when they are first used.
///
/// The mapping is private and writable: writing to it copies the page and does not change the file.
/// If it were read-only, an in-place operation on a tensor that views it would end the program. It
/// lives as long as the object, which its views keep alive by shared ownership. If another program
/// shortens the file in the meantime, reading from it ends the program (SIGBUS), as with any
/// mapping; files that this project writes are renamed into place, never shortened.
class TensorFile {
 public:
  /// Throws Error if the path is not a regular file, or the file is unreadable, incomplete, not
  /// valid or in a format that is not read.
  static std::shared_ptr<const TensorFile> open(const std::filesystem::path& path);
  /// The same for a file's bytes, which are copied. Messages call it `name`.
  static std::shared_ptr<const TensorFile> from_bytes(std::string_view bytes,
                                                      const std::string& name);
  ~TensorFile();
  TensorFile(const TensorFile&) = delete;
  TensorFile& operator=(const TensorFile&) = delete;

  const std::filesystem::path& path() const { return path_; }
  const std::string& format() const { return content_.format; }
  /// All tensors, in the order of their bytes.
  const std::vector<TensorEntry>& entries() const { return content_.entries; }
  /// The tensor of this name; null if there is none.
  const TensorEntry* find(std::string_view name) const;
  const std::map<std::string, std::string>& metadata() const { return content_.metadata; }
  const std::map<std::string, std::string>& skipped() const { return content_.skipped; }

  /// The first of the tensor's bytes, which may have any alignment.
  std::byte* data(const TensorEntry& entry) const {
    return base_ + content_.data_begin + entry.begin;
  }
  /// The bytes that describe the tensors: of safetensors the length word and the JSON, of PyTorch's
  /// formats the pickles.
  std::span<const std::byte> header_bytes() const {
    return {base_ + content_.head_begin, content_.head_end - content_.head_begin};
  }
  /// The bytes that entries are counted from: of safetensors all after the header, otherwise the
  /// whole file.
  std::span<const std::byte> tensor_bytes() const {
    return {base_ + content_.data_begin, size_ - content_.data_begin};
  }

  /// Returns the memory of a tensor's pages to the system; for use after copying them. If they are
  /// used again they are read from the file again, so everything written to them is lost.
  void release(const TensorEntry& entry) const;
  /// Asks the system to read the file in the background; returns at once.
  void read_ahead() const;

 private:
  TensorFile(std::filesystem::path path, std::byte* base, size_t size);
  static std::shared_ptr<const TensorFile> of_mapping(const std::filesystem::path& path,
                                                      std::span<std::byte> bytes);

  std::filesystem::path path_;
  std::byte* base_;
  size_t size_;
  TensorFileContent content_;
  std::unordered_map<std::string_view, const TensorEntry*> by_name_;
};

}  // namespace unclip
