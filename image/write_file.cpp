#include "image/write_file.h"

#include <fcntl.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <cstdio>
#include <cstring>

#include "core/error.h"

namespace unclip {
namespace {

namespace fs = std::filesystem;

[[noreturn]] void fail_write(const fs::path& path, const char* why) {
  fail(path, ": cannot be written: ", why);
}

/// fox.png, 2 -> fox-2.png
fs::path numbered(const fs::path& path, int number) {
  auto name = path.stem();
  name += "-";
  name += std::to_string(number);
  name += path.extension();
  return path.parent_path() / name;
}

/// Renames without replacing. Returns 0 or the error's number; EEXIST where `to` is taken.
int rename_to_new(const fs::path& from, const fs::path& to) {
  if (renameat2(AT_FDCWD, from.c_str(), AT_FDCWD, to.c_str(), RENAME_NOREPLACE) == 0) return 0;
  if (errno != EINVAL && errno != ENOSYS) return errno;
  // This file system lacks that call; a hard link does not replace either.
  if (link(from.c_str(), to.c_str()) != 0) return errno;
  unlink(from.c_str());
  return 0;
}

int rename_to_next_free(const fs::path& from, fs::path& to) {
  const auto path = to;
  for (int number = 1;; ++number) {
    const int error = rename_to_new(from, to);
    if (error != EEXIST) return error;
    to = numbered(path, number);
  }
}

/// Returns 0 or the error's number. Closes `file` in any case.
int write_and_close(int file, std::string_view bytes) {
  int error = 0;
  while (!bytes.empty() && error == 0) {
    const auto written = write(file, bytes.data(), bytes.size());
    if (written >= 0) {
      bytes.remove_prefix(static_cast<size_t>(written));
    } else if (errno != EINTR) {
      error = errno;
    }
  }
  // Some file systems tell only now that the disk is full; others have no fsync.
  if (error == 0 && fsync(file) != 0 && errno != EINVAL) error = errno;
  if (close(file) != 0 && error == 0 && errno != EINTR) error = errno;
  return error;
}

}  // namespace

fs::path scratch_name(const fs::path& path) {
  static std::atomic<int> count{0};
  return path.parent_path() /
         (".unclip-" + std::to_string(getpid()) + "-" + std::to_string(count++) + ".tmp");
}

fs::path publish(const fs::path& scratch, const fs::path& path, WriteMode mode) {
  auto name = path;
  std::error_code ignored;
  const auto status = fs::status(path, ignored);
  const char* why = nullptr;
  if (fs::exists(status) && !fs::is_regular_file(status)) {
    why = "it is there and is no file";
  } else if (mode == WriteMode::kNextFreeName) {
    if (const int error = rename_to_next_free(scratch, name)) why = std::strerror(error);
  } else if (std::rename(scratch.c_str(), name.c_str()) != 0) {
    why = std::strerror(errno);
  }
  if (why != nullptr) {
    unlink(scratch.c_str());
    fail_write(name, why);
  }
  return name;
}

fs::path write_file(const fs::path& path, std::string_view bytes, WriteMode mode) {
  fs::path scratch;
  int file = -1;
  do {
    scratch = scratch_name(path);
    file = open(scratch.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
  } while (file < 0 && (errno == EEXIST || errno == EINTR));
  if (file < 0) fail_write(path, std::strerror(errno));
  if (const int error = write_and_close(file, bytes); error != 0) {
    unlink(scratch.c_str());
    fail_write(path, std::strerror(error));
  }
  return publish(scratch, path, mode);
}

void append_to_file(const fs::path& path, std::string_view bytes) {
  const int file = open(path.c_str(), O_WRONLY | O_APPEND | O_CLOEXEC);
  if (file < 0) fail_write(path, std::strerror(errno));
  const auto end = lseek(file, 0, SEEK_END);
  if (const int error = write_and_close(file, bytes); error != 0) {
    // Where this fails, too, a part of the bytes stays, which is no whole line.
    [[maybe_unused]] const int cut = truncate(path.c_str(), end);
    fail_write(path, std::strerror(error));
  }
}

}  // namespace unclip
