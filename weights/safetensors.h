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

/// One safetensors file in memory: names, shapes, and where the bytes lie. Opening reads the header
/// alone; the tensors' pages come from the disk when they are touched.
///
/// The mapping is private and writable: who writes through it gets pages of his own, and
/// the file stays as it is. Were it read-only, one in-place operation on a tensor that views it
/// would end the program. It lives as long as the object; shared ownership keeps it under its
/// views. A file that is shortened by someone else meanwhile ends the program (SIGBUS), as with any
/// mapping; files that this project writes are renamed into place, never shortened.
class SafetensorsFile {
 public:
  /// Throws Error where the file is no regular file, unreadable, or not whole and valid: see
  /// parse_safetensors_header.
  static std::shared_ptr<const SafetensorsFile> open(const std::filesystem::path& path);
  /// The same of a file's bytes, which are copied. `name` stands for it in messages.
  static std::shared_ptr<const SafetensorsFile> from_bytes(std::string_view bytes,
                                                           const std::string& name);
  ~SafetensorsFile();
  SafetensorsFile(const SafetensorsFile&) = delete;
  SafetensorsFile& operator=(const SafetensorsFile&) = delete;

  const std::filesystem::path& path() const { return path_; }
  /// In the order of their bytes.
  const std::vector<SafetensorsEntry>& entries() const { return header_.entries; }
  /// Null where there is none of that name.
  const SafetensorsEntry* find(std::string_view name) const;
  const std::map<std::string, std::string>& metadata() const { return header_.metadata; }

  /// The first of the tensor's bytes. Any alignment.
  std::byte* data(const SafetensorsEntry& entry) const { return tensors_.data() + entry.begin; }
  /// The length word and the JSON, as they stand in the file.
  std::span<const std::byte> header_bytes() const { return {base_, size_ - tensors_.size()}; }
  /// All that follows the header.
  std::span<const std::byte> tensor_bytes() const { return tensors_; }

  /// Gives back the memory of a tensor's pages, for who has copied them. They are read again
  /// from the file when touched, so what was written to them is undone.
  void release(const SafetensorsEntry& entry) const;
  /// Asks the system to read the file while others work; returns at once.
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
