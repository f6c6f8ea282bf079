#include "weights/tensor_file.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdint>
#include <cstring>

#include "base/error.h"
#include "base/presence.h"
#include "weights/safetensors.h"
#include "weights/torch_file.h"

namespace unclip {
namespace {

constexpr size_t kLeastBytes = 8;  // of any format

void expect_least_bytes(const std::filesystem::path& path, size_t size) {
  if (size >= kLeastBytes) return;
  fail(path, ": has ", size, " bytes, too few for a ",
       is_torch_name(path) ? "file of PyTorch" : "safetensors file");
}

std::span<std::byte> map_file(const std::filesystem::path& path) {
  std::error_code error;
  if (!is_there(path)) fail(path, ": does not exist");
  if (!std::filesystem::is_regular_file(path, error)) fail(path, ": is not a regular file");
  // Without blocking: a pipe may take the file's place before it is opened.
  const int file = ::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK);
  if (file < 0) fail(path, ": cannot be read: ", std::strerror(errno));
  struct stat status = {};
  const bool known = ::fstat(file, &status) == 0 && S_ISREG(status.st_mode);
  const auto size = static_cast<size_t>(status.st_size);
  if (!known || size < kLeastBytes) ::close(file);
  expect_least_bytes(path, known ? size : 0);
  // No swap space is reserved for a copy of the whole file, because few of its pages are ever
  // written.
  void* base = ::mmap(nullptr, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_NORESERVE, file, 0);
  const int reason = errno;
  ::close(file);
  if (base == MAP_FAILED) fail(path, ": cannot be mapped: ", std::strerror(reason));
  return {static_cast<std::byte*>(base), size};
}

/// What a file is that is neither safetensors nor PyTorch's; empty if nobody knows.
std::string_view foreign_format(std::string_view bytes) {
  if (bytes.size() > 262 && bytes.substr(257, 5) == "ustar") {
    return "a tar archive, as PyTorch 0.1 wrote; a newer PyTorch can load and save it again";
  }
  constexpr std::pair<std::string_view, std::string_view> kMagics[] = {
      {"GGUF", "a GGUF file"},
      {"\x1f\x8b", "compressed by gzip"},
      {"\x93NUMPY", "an array of numpy"},
      {"\x89HDF", "an HDF5 file"},
      {"\x80", "a pickle, but not one that torch.save wrote"},
      {"<!", "a web page, not the weights"},
      {"<html", "a web page, not the weights"},
  };
  for (const auto& [magic, what] : kMagics) {
    if (bytes.starts_with(magic)) return what;
  }
  return {};
}

/// Whether the bytes may be safetensors: a length that fits, then an object.
bool looks_like_safetensors(std::string_view bytes) {
  uint64_t length = 0;
  std::memcpy(&length, bytes.data(), sizeof length);
  return length > 0 && length < bytes.size() && bytes.substr(sizeof length).starts_with('{');
}

TensorFileContent parse(std::string_view bytes, const std::filesystem::path& path) {
  if (bytes.starts_with("version https://git-lfs")) {
    fail(path, ": is a Git LFS pointer, not the weights; `git lfs pull` downloads them");
  }
  if (is_torch_file(bytes)) return parse_torch_file(bytes, path.string());
  if (looks_like_safetensors(bytes)) return parse_safetensors(bytes, path.string());
  if (const auto what = foreign_format(bytes); !what.empty()) {
    fail(path, ": expected safetensors or a file of PyTorch, found ", what);
  }
  if (is_torch_name(path)) {
    fail(path, ": expected a file of PyTorch, found neither a zip archive nor a pickle");
  }
  return parse_safetensors(bytes, path.string());
}

}  // namespace

std::shared_ptr<const TensorFile> TensorFile::open(const std::filesystem::path& path) {
  return of_mapping(path, map_file(path));
}

std::shared_ptr<const TensorFile> TensorFile::from_bytes(std::string_view bytes,
                                                         const std::string& name) {
  expect_least_bytes(name, bytes.size());
  void* base =
      ::mmap(nullptr, bytes.size(), PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (base == MAP_FAILED) fail(name, ": cannot be held in memory: ", std::strerror(errno));
  std::memcpy(base, bytes.data(), bytes.size());
  return of_mapping(name, {static_cast<std::byte*>(base), bytes.size()});
}

std::shared_ptr<const TensorFile> TensorFile::of_mapping(const std::filesystem::path& path,
                                                         std::span<std::byte> bytes) {
  // From here on the object owns the mapping, even if something throws.
  std::shared_ptr<TensorFile> file(new TensorFile(path, bytes.data(), bytes.size()));
  file->content_ = parse({reinterpret_cast<const char*>(bytes.data()), bytes.size()}, path);
  for (const auto& entry : file->content_.entries) file->by_name_[entry.name] = &entry;
  return file;
}

TensorFile::TensorFile(std::filesystem::path path, std::byte* base, size_t size)
    : path_(std::move(path)), base_(base), size_(size) {}

TensorFile::~TensorFile() { ::munmap(base_, size_); }

const TensorEntry* TensorFile::find(std::string_view name) const {
  const auto it = by_name_.find(name);
  return it == by_name_.end() ? nullptr : it->second;
}

void TensorFile::release(const TensorEntry& entry) const {
  // Releases whole pages only: those at the edges also hold bytes of neighbouring tensors.
  const auto page = static_cast<uintptr_t>(::sysconf(_SC_PAGESIZE));
  const auto begin = (reinterpret_cast<uintptr_t>(data(entry)) + page - 1) / page * page;
  const auto end =
      reinterpret_cast<uintptr_t>(data(entry) + (entry.end - entry.begin)) / page * page;
  if (begin < end) ::madvise(reinterpret_cast<void*>(begin), end - begin, MADV_DONTNEED);
}

void TensorFile::read_ahead() const { ::madvise(base_, size_, MADV_WILLNEED); }

}  // namespace unclip
