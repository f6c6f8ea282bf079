#include "cli/index_remove.h"

#include <nlohmann/json.hpp>
#include <ostream>
#include <string_view>
#include <unordered_set>

#include "base/error.h"
#include "base/json_text.h"
#include "cli/prompts.h"
#include "cli/version.h"
#include "search/picture_index.h"
#include "weights/tensor_entry.h"

namespace unclip::cli {
namespace {

namespace fs = std::filesystem;

/// The paths that a name may have in the index, the most literal first.
std::vector<std::string> candidates(const fs::path& folder, const fs::path& name) {
  std::error_code error;
  const auto real_folder = fs::weakly_canonical(fs::absolute(folder, error), error);
  const auto real_parent =
      fs::weakly_canonical(fs::absolute(name, error).parent_path(), error) / name.filename();
  return {name.lexically_normal().generic_string(),
          name.lexically_normal().lexically_relative(folder.lexically_normal()).generic_string(),
          real_parent.lexically_relative(real_folder).generic_string()};
}

/// The images' paths in the index of `folder`. A name is such a path itself, or leads to the file:
/// "a.png", "DIR/a.png" and "/home/me/DIR/a.png" name one image. The file need not be there. Throws
/// Error for a name that is not in the index.
std::vector<std::string> paths_in_index(const PictureIndex& index, const fs::path& folder,
                                        const std::vector<std::string>& names) {
  std::unordered_set<std::string_view> known;
  for (const auto& picture : index.pictures) known.insert(picture.path);
  std::vector<std::string> paths;
  for (const auto& name : names) {
    const auto before = paths.size();
    for (auto& candidate : candidates(folder, name)) {
      if (!known.contains(candidate)) continue;
      paths.push_back(std::move(candidate));
      break;
    }
    if (paths.size() == before) fail("'", shown(name), "': the index has no image of this name");
  }
  return paths;
}

}  // namespace

void remove_from_index(const Arguments& arguments, const fs::path& folder, const fs::path& file,
                       const Streams& streams) {
  for (const auto* flag : {"anew", "hnsw-m", "ef-construction", "graph-from"}) {
    if (!arguments.given(flag)) continue;
    throw UsageError("--remove only removes rows: expected no --" + std::string(flag));
  }
  std::vector<std::string> names;
  for (const auto& word : arguments.texts("remove")) {
    const auto more = word == "-" ? read_lines("-", streams.in) : std::vector{word};
    names.insert(names.end(), more.begin(), more.end());
  }
  auto index = read_index(file);
  const auto before = index.rows();
  try {
    remove_rows(index, paths_in_index(index, folder, names));
  } catch (const Error& error) {
    fail(file, ": ", error.what(), "; nothing was removed");
  }
  index.embeddings.version = kVersion;
  write_index(file, index);
  if (arguments.on("json")) {
    const nlohmann::ordered_json json = {
        {"path", file.string()}, {"rows", index.rows()}, {"removed", before - index.rows()}};
    streams.out << json_text(json) << "\n";
    return;
  }
  if (!arguments.on("quiet")) {
    streams.err << before - index.rows() << " removed, " << index.rows() << " left" << std::endl;
  }
  streams.out << file.string() << "\n";
}

}  // namespace unclip::cli
