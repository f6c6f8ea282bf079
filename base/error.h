#pragma once

#include <filesystem>
#include <sstream>
#include <stdexcept>
#include <string>

namespace unclip {

/// An error that the user can fix. The message is one line that names the file, the key, what was
/// expected and what was found.
class Error : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

namespace detail {
inline void append(std::ostringstream& out, const std::filesystem::path& path) {
  out << path.string();
}
template <class Part>
void append(std::ostringstream& out, const Part& part) {
  out << part;
}
}  // namespace detail

/// Throws an Error whose message is the concatenation of the parts: `fail(path, ": ", key, " is
/// missing")`.
template <class... Parts>
[[noreturn]] void fail(const Parts&... parts) {
  std::ostringstream out;
  (detail::append(out, parts), ...);
  throw Error(out.str());
}

}  // namespace unclip
