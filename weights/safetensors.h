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

#include "weights/safetensors_header.h"

namespace unclip {

/// One safetensors file, mapped into memory: the names, shapes and bytes of its tensors. Opening
/// reads only the header; the system reads the tensors' pages from the disk when they are first
/// used.
///
/// The mapping is private and writable: writing to it copies the page and does not change the file.
/// If it were read-only, an in-place operation on a tensor that views it would end the program. It
/// lives as long as the object, which its views keep alive by shared ownership. If another program
/// shortens the file in the meantime, reading from it ends the program (SIGBUS), as with any
/// mapping; files that this project writes are renamed into place, never shortened.
class SafetensorsFile {
 public:
  /// Throws Error if the path is not a regular file, or the file is unreadable, incomplete or not
  /// valid: see parse_safetensors_header.
  static std::shared_ptr<const SafetensorsFile> open(const std::filesystem::path& path);
  /// The same for a file's bytes, which are copied. Messages call it `name`.
  static std::shared_ptr<const SafetensorsFile> from_bytes(std::string_view bytes,
                                                           const std::string& name);
  ~SafetensorsFile();
  SafetensorsFile(const SafetensorsFile&) = delete;
  SafetensorsFile& operator=(const SafetensorsFile&) = delete;

  const std::filesystem::path& path() const { return path_; }
  /// All tensors, in the order of their bytes.
  const std::vector<SafetensorsEntry>& entries() const { return header_.entries; }
  /// The tensor of this name; null if there is none.
  const SafetensorsEntry* find(std::string_view name) const;
  const std::map<std::string, std::string>& metadata() const { return header_.metadata; }

  /// The first of the tensor's bytes, which may have any alignment.
  std::byte* data(const SafetensorsEntry& entry) const { return tensors_.data() + entry.begin; }
  /// The length word and the JSON, as they are in the file.
  std::span<const std::byte> header_bytes() const { return {base_, size_ - tensors_.size()}; }
  /// All bytes after the header.
  std::span<const std::byte> tensor_bytes() const { return tensors_; }

  /// Returns the memory of a tensor's pages to the system; for use after copying them. If they are
  /// used again they are read from the file again, so everything written to them is lost.
  void release(const SafetensorsEntry& entry) const;
  /// Asks the system to read the file in the background; returns at once.
  void read_ahead() const;

 private:
  SafetensorsFile(std::filesystem::path path, std::byte* base, size_t size);
  static std::shared_ptr<const SafetensorsFile> of_mapping(const std::filesystem::path& path,
                                                           std::span<std::byte> bytes);

  std::filesystem::path path_;
  std::byte* base_;
  size_t size_;
  std::span<std::byte> tensors_;
  SafetensorsHeader header_;
  std::unordered_map<std::string_view, const SafetensorsEntry*> by_name_;
};

}  // namespace unclip
