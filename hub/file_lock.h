#pragma once

#include <filesystem>
#include <functional>
#include <string>

namespace unclip::hub {

/// A lock that processes share by a file (flock), as huggingface_hub locks a blob. The file stays
/// when the lock is released.
class FileLock {
 public:
  /// Waits until nobody else holds the lock; calls `waiting` once if it has to wait. Makes the file
  /// and its folders. Throws Error if that is not possible, and Stopped if `stopped` becomes true.
  FileLock(const std::filesystem::path& path, const std::function<bool()>& stopped,
           const std::function<void()>& waiting);
  ~FileLock();
  FileLock(const FileLock&) = delete;
  FileLock& operator=(const FileLock&) = delete;

 private:
  int file_ = -1;
};

}  // namespace unclip::hub
