#include "base/file_bytes.h"

#include <cerrno>
#include <cstring>
#include <fstream>
#include <iterator>

#include "base/error.h"
#include "base/presence.h"

namespace unclip {

void fail_to_read(const std::filesystem::path& path) {
  const int reason = errno;
  is_there(path);  // throws Error that names the missing target of a link
  std::error_code ignored;
  if (std::filesystem::is_directory(path, ignored)) fail(path, ": cannot be read: it is a folder");
  fail(path, ": cannot be read: ", std::strerror(reason != 0 ? reason : EIO));
}

std::string file_bytes(const std::filesystem::path& path) {
  errno = 0;
  std::error_code ignored;
  std::ifstream file(path, std::ios::binary);
  if (!file || std::filesystem::is_directory(path, ignored)) fail_to_read(path);
  std::string bytes{std::istreambuf_iterator<char>(file), {}};
  if (file.bad()) fail_to_read(path);
  return bytes;
}

}  // namespace unclip
