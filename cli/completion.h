#pragma once

#include <string>

namespace unclip::cli {

/// A completion script for `shell`, bash, zsh or fish, made from the table of verbs and flags.
/// Throws UsageError for another shell.
std::string completion(const std::string& shell);

}  // namespace unclip::cli
