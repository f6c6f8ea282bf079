#include "base/user_cache.h"

#include <pwd.h>
#include <unistd.h>

#include <cstdlib>

namespace unclip {

std::string home_folder() {
  if (const char* home = std::getenv("HOME"); home != nullptr && *home != '\0') return home;
  const passwd* user = ::getpwuid(::getuid());
  return user != nullptr && user->pw_dir != nullptr ? user->pw_dir : "";
}

std::filesystem::path user_cache_folder() {
  const char* xdg = std::getenv("XDG_CACHE_HOME");
  const auto cache = xdg != nullptr && *xdg != '\0'
                         ? std::filesystem::path(xdg)
                         : std::filesystem::path(home_folder()) / ".cache";
  return cache / "unclip";
}

}  // namespace unclip
