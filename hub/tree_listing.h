#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>

#include "hub/blob.h"

namespace unclip::hub {

/// The files of a repository at one commit: path -> contents.
using TreeListing = std::map<std::string, Blob>;

/// Adds the files of one page of the hub's answer to /api/models/OWNER/NAME/tree/COMMIT. The bytes
/// are not trusted. Throws Error that names `name`, the entry, what was expected and what was
/// found, unless: they are a JSON list of objects; each file has a size from 0 to 2^46, a hash of
/// 40 or 64 hexadecimal digits, and a path that stays in its repository (is_plain_path), which no
/// other file has; and all pages together list at most 100000 files.
/// https://huggingface.co/docs/hub/api
void add_tree_page(TreeListing& files, std::string_view json, const std::string& name);

/// The URL of the next page, from a response's Link header: `<URL>; rel="next"`. Nothing if this
/// was the last one.
std::optional<std::string> next_page(std::string_view link);

/// Whether a path from a listing is safe to create below a folder: components of at most 255 bytes
/// between single slashes, none of them empty, ".", ".." or ".git", in UTF-8 without control
/// characters and backslashes, 1024 bytes at most in all.
bool is_plain_path(const std::string& path);

}  // namespace unclip::hub
