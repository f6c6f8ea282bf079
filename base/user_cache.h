#pragma once

#include <filesystem>
#include <string>

namespace unclip {

/// The user's home folder: $HOME, or if that is not set the one in the user database; empty if
/// there is neither.
std::string home_folder();

/// The folder for what can be computed again: $XDG_CACHE_HOME/unclip, or if that is not set
/// ~/.cache/unclip. It need not exist.
std::filesystem::path user_cache_folder();

}  // namespace unclip
