#include "cli/find_model.h"

#include <cstdlib>

#include "cli/arguments.h"
#include "core/error.h"

namespace unclip::cli {

namespace fs = std::filesystem;

fs::path find_shipped_model(const fs::path& program_folder) {
  std::string places;
  for (const auto* place : {"toybox", "../../weights/toybox", "../share/unclip/toybox"}) {
    const auto folder = (program_folder / place).lexically_normal();
    std::error_code ignored;
    if (fs::exists(folder / "model_index.json", ignored)) return folder;
    places += (places.empty() ? "" : ", ") + folder.string();
  }
  fail("no model is found at ", places, "; name one with --model or UNCLIP_MODEL");
}

fs::path find_model(const std::string& given) {
  if (!given.empty()) return given;
  if (const char* named = std::getenv("UNCLIP_MODEL"); named != nullptr && *named != '\0') {
    return named;
  }
  std::error_code error;
  const auto program = fs::read_symlink("/proc/self/exe", error);
  if (error) fail("the program's own place is not known; name a model with --model");
  return find_shipped_model(program.parent_path());
}

std::map<std::string, fs::path> borrowed_parts(const Arguments& arguments) {
  std::map<std::string, fs::path> parts;
  for (const auto& text : arguments.texts("part")) {
    const auto equals = text.find('=');
    if (equals == 0 || equals == text.npos || equals + 1 == text.size()) {
      throw UsageError("--part is '" + text + "'; NAME=DIR is wanted");
    }
    if (!parts.emplace(text.substr(0, equals), text.substr(equals + 1)).second) {
      throw UsageError("--part names " + text.substr(0, equals) + " twice");
    }
  }
  return parts;
}

}  // namespace unclip::cli
