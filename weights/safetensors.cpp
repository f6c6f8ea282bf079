#include "weights/safetensors.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <bit>
#include <cerrno>
#include <cstdint>
#include <cstring>

#include "base/error.h"
#include "base/presence.h"

namespace unclip {
namespace {

static_assert(std::endian::native == std::endian::little, "safetensors files are little-endian");

constexpr uint64_t kLengthWord = 8;
constexpr uint64_t kMaxHeader = 100'000'000;  // as in the reference implementation

void expect_length_word(const std::filesystem::path& path, size_t size) {
  if (size < kLengthWord) fail(path, ": has ", size, " bytes, too few for a safetensors file");
}

std::span<std::byte> map_file(const std::filesystem::path& path) {
  std::error_code error;
  if (!is_there(path)) fail(path, ": does not exist");
  if (!std::filesystem::is_regular_file(path, error)) fail(path, ": is not a regular file");
  const int file = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (file < 0) fail(path, ": cannot be read: ", std::strerror(errno));
  struct stat status = {};
  const bool known = ::fstat(file, &status) == 0;
  const auto size = static_cast<size_t>(status.st_size);
  if (!known || size < kLengthWord) ::close(file);
  expect_length_word(path, known ? size : 0);
  // No swap space is reserved for a copy of the whole file, because few of its pages are ever
  // written.
  void* base = ::mmap(nullptr, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_NORESERVE, file, 0);
  const int reason = errno;
  ::close(file);
  if (base == MAP_FAILED) fail(path, ": cannot be mapped: ", std::strerror(reason));
  return {static_cast<std::byte*>(base), size};
}

}  // namespace

std::shared_ptr<const SafetensorsFile> SafetensorsFile::open(const std::filesystem::path& path) {
  return of_mapping(path, map_file(path));
}

std::shared_ptr<const SafetensorsFile> SafetensorsFile::from_bytes(std::string_view bytes,
                                                                   const std::string& name) {
  expect_length_word(name, bytes.size());
  void* base =
      ::mmap(nullptr, bytes.size(), PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (base == MAP_FAILED) fail(name, ": cannot be held in memory: ", std::strerror(errno));
  std::memcpy(base, bytes.data(), bytes.size());
  return of_mapping(name, {static_cast<std::byte*>(base), bytes.size()});
}

std::shared_ptr<const SafetensorsFile> SafetensorsFile::of_mapping(
    const std::filesystem::path& path, std::span<std::byte> bytes) {
  // From here on the object owns the mapping, even if something throws.
  std::shared_ptr<SafetensorsFile> file(new SafetensorsFile(path, bytes.data(), bytes.size()));

  const std::string_view text(reinterpret_cast<const char*>(bytes.data()), bytes.size());
  if (text.starts_with("version https://git-lfs")) {
    fail(path, ": is a Git LFS pointer, not the weights; `git lfs pull` downloads them");
  }
  uint64_t length = 0;
  std::memcpy(&length, bytes.data(), kLengthWord);
  if (length > kMaxHeader) {
    fail(path, ": its header would have ", length, " bytes; at most ", kMaxHeader,
         " are allowed, so it is not a safetensors file");
  }
  if (length > bytes.size() - kLengthWord) {
    fail(path, ": its header would have ", length, " bytes, but only ", bytes.size() - kLengthWord,
         " follow; the file may be cut short");
  }
  file->tensors_ = bytes.subspan(kLengthWord + length);
  file->header_ = parse_safetensors_header(text.substr(kLengthWord, length), file->tensors_.size(),
                                           path.string());
  for (const auto& entry : file->header_.entries) file->by_name_[entry.name] = &entry;
  return file;
}

SafetensorsFile::SafetensorsFile(std::filesystem::path path, std::byte* base, size_t size)
    : path_(std::move(path)), base_(base), size_(size) {}

SafetensorsFile::~SafetensorsFile() { ::munmap(base_, size_); }

const SafetensorsEntry* SafetensorsFile::find(std::string_view name) const {
  const auto it = by_name_.find(name);
  return it == by_name_.end() ? nullptr : it->second;
}

void SafetensorsFile::release(const SafetensorsEntry& entry) const {
  // Releases whole pages only: those at the edges also hold bytes of neighbouring tensors.
  const auto page = static_cast<uintptr_t>(::sysconf(_SC_PAGESIZE));
  const auto begin = (reinterpret_cast<uintptr_t>(data(entry)) + page - 1) / page * page;
  const auto end =
      reinterpret_cast<uintptr_t>(data(entry) + (entry.end - entry.begin)) / page * page;
  if (begin < end) ::madvise(reinterpret_cast<void*>(begin), end - begin, MADV_DONTNEED);
}

void SafetensorsFile::read_ahead() const { ::madvise(base_, size_, MADV_WILLNEED); }

}  // namespace unclip
