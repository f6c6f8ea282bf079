#include "hub/file_lock.h"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <cstring>
#include <thread>
#include <utility>

#include "base/error.h"
#include "hub/http_client.h"

namespace unclip::hub {
namespace {

/// Whether the open file still has its name: another program may have removed it meanwhile, and
/// then a third one would lock a new file of that name.
bool has_name(int file, const std::filesystem::path& path) {
  struct stat open = {}, named = {};
  return fstat(file, &open) == 0 && stat(path.c_str(), &named) == 0 &&
         open.st_ino == named.st_ino && open.st_dev == named.st_dev;
}

}  // namespace

FileLock::FileLock(const std::filesystem::path& path, const std::function<bool()>& stopped,
                   const std::function<void()>& waiting) {
  std::error_code error;
  std::filesystem::create_directories(path.parent_path(), error);
  if (error) fail(path.parent_path(), ": cannot be made: ", error.message());
  for (bool waited = false;;) {
    if (file_ < 0) file_ = open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0664);
    if (file_ < 0 && errno == EINTR) continue;
    if (file_ < 0) fail(path, ": cannot be opened: ", std::strerror(errno));
    if (flock(file_, LOCK_EX | LOCK_NB) == 0) {
      if (has_name(file_, path)) return;
      close(std::exchange(file_, -1));
      continue;
    }
    const int reason = errno;
    if (reason != EWOULDBLOCK && reason != EINTR) {
      close(std::exchange(file_, -1));
      fail(path, ": cannot be locked: ", std::strerror(reason));
    }
    if (stopped && stopped()) {
      close(std::exchange(file_, -1));
      throw Stopped();
    }
    if (!std::exchange(waited, true) && waiting) waiting();
    std::this_thread::sleep_for(std::chrono::milliseconds(50));
  }
}

FileLock::~FileLock() { close(file_); }

}  // namespace unclip::hub
