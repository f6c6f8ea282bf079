#include "base/write_file.h"

#include <fcntl.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <climits>
#include <cstdio>
#include <cstring>

#include "base/error.h"
#include "base/parse_number.h"

namespace unclip {
namespace {

namespace fs = std::filesystem;

[[noreturn]] void fail_write(const fs::path& path, const char* why) {
  fail(path, ": cannot be written: ", why);
}

/// fox.png, 2 -> fox-2.png
fs::path numbered(const fs::path& path, int64_t number) {
  auto name = path.stem();
  name += "-";
  name += std::to_string(number);
  name += path.extension();
  return path.parent_path() / name;
}

/// Renames without replacing. Returns 0 or the error's number; EEXIST if `to` exists.
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
  for (int64_t number = 1;; ++number) {
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
  // Some file systems report only now that the disk is full; others have no fsync.
  if (error == 0 && fsync(file) != 0 && errno != EINVAL) error = errno;
  if (close(file) != 0 && error == 0 && errno != EINTR) error = errno;
  return error;
}

fs::path longest_scratch_name(const fs::path& path) {
  return path.parent_path() /
         (".unclip-" + std::to_string(INT_MAX) + "-" + std::to_string(INT_MAX) + ".tmp");
}

/// Throws Error, which names `path`, if `name` or a part of it has too many bytes.
void expect_lengths(const fs::path& path, const fs::path& name) {
  constexpr size_t kAlwaysFits = 100;
  if (name.native().size() <= kAlwaysFits) return;
  const auto folder = path.has_parent_path() ? path.parent_path() : fs::path(".");
  const auto found = pathconf(folder.c_str(), _PC_NAME_MAX);
  const auto most = static_cast<size_t>(found > 0 ? found : NAME_MAX);
  for (const auto& part : name) {
    const auto size = part.native().size();
    if (size <= most) continue;
    const bool itself = name == path;
    fail(path, ": cannot be written: expected names of at most ", most, " bytes, found one of ",
         size, itself ? "" : ", for the name is taken and gets a number");
  }
  if (name.native().size() < PATH_MAX) return;
  fail(path, ": cannot be written: expected a path of at most ", PATH_MAX - 1, " bytes, found ",
       name.native().size(), name == path ? "" : " with its number, or its scratch name");
}

/// Writes to an existing stream, and never removes it.
fs::path write_stream(const fs::path& path, std::string_view bytes) {
  const auto descriptor = stream_of_name(path);
  const int file = descriptor ? fcntl(*descriptor, F_DUPFD_CLOEXEC, 0)
                              : open(path.c_str(), O_WRONLY | O_CLOEXEC | O_NOCTTY);
  if (file < 0) fail_write(path, std::strerror(errno));
  if (const int error = write_and_close(file, bytes); error != 0) {
    fail_write(path, std::strerror(error));
  }
  return path;
}

}  // namespace

std::optional<int> stream_of_name(const fs::path& path) {
  const auto name = path.lexically_normal().string();
  if (name == "/dev/stdout") return STDOUT_FILENO;
  if (name == "/dev/stderr") return STDERR_FILENO;
  for (const std::string_view prefix : {"/dev/fd/", "/proc/self/fd/"}) {
    if (!name.starts_with(prefix)) continue;
    const auto number = parse_number<int>(std::string_view(name).substr(prefix.size()));
    if (number && *number >= 0) return number;
  }
  return std::nullopt;
}

bool is_stream(const fs::path& path) {
  std::error_code ignored;
  const auto status = fs::status(path, ignored);
  return stream_of_name(path).has_value() || fs::is_fifo(status) || fs::is_character_file(status) ||
         fs::is_socket(status);
}

void expect_folder_for(const fs::path& path) {
  const auto folder = path.has_parent_path() ? path.parent_path() : fs::path(".");
  std::error_code ignored;
  if (!fs::is_directory(folder, ignored)) {
    fail(path, ": cannot be written: there is no folder ", folder);
  }
  if (access(folder.c_str(), W_OK | X_OK) != 0) {
    fail(path, ": cannot be written: the folder ", folder, " is read-only");
  }
}

void expect_name_fits(const fs::path& path, WriteMode mode, int64_t namesakes) {
  expect_lengths(path, path);
  expect_lengths(path, longest_scratch_name(path));
  std::error_code error;
  const auto status = fs::symlink_status(path, error);
  if (fs::exists(status) && !fs::is_regular_file(path, error)) {
    if (is_stream(path)) return;
    const bool folder = fs::is_directory(path, error);
    if (folder || !fs::is_symlink(status)) {
      fail(path, ": cannot be written: expected a file, found ", folder ? "a folder" : "a device");
    }
  }
  if (mode == WriteMode::kOverwrite || (!fs::exists(status) && namesakes == 0)) return;
  int64_t number = 1;
  while (fs::exists(fs::symlink_status(numbered(path, number), error))) ++number;
  expect_lengths(path, numbered(path, number + namesakes));
}

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
    why = "expected a file, found a folder or a device";
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
  if (is_stream(path)) return write_stream(path, bytes);
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
    // If this fails too, a part of the bytes remains, which is an incomplete line.
    [[maybe_unused]] const int cut = truncate(path.c_str(), end);
    fail_write(path, std::strerror(error));
  }
}

}  // namespace unclip
