#include "core/file_bytes.h"

#include <fstream>
#include <iterator>

#include "core/error.h"

namespace unclip {

std::string file_bytes(const std::filesystem::path& path) {
  std::error_code ignored;
  std::ifstream file(path, std::ios::binary);
  if (!file || std::filesystem::is_directory(path, ignored)) fail(path, ": cannot be read");
  std::string bytes{std::istreambuf_iterator<char>(file), {}};
  if (file.bad()) fail(path, ": cannot be read");
  return bytes;
}

}  // namespace unclip
