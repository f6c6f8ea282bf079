#include <algorithm>

#include "hub/tree_listing.h"
#include "tests/fuzz/target.h"

namespace unclip {

UNCLIP_FUZZ_TARGET(hub_tree) {
  // The first line is a Link header, and the rest a page.
  const auto line = bytes.substr(0, bytes.find('\n'));
  if (const auto next = hub::next_page(line)) {
    fuzz::expect(line.find(*next) != line.npos, "the URL is a part of the header");
  }
  hub::TreeListing files;
  hub::add_tree_page(files, bytes.substr(std::min(bytes.size(), line.size() + 1)), "page");
  for (const auto& [path, blob] : files) {
    fuzz::expect(hub::is_plain_path(path), "paths stay in the repository");
    fuzz::expect(path.find("..") != 0 && path[0] != '/', "paths are relative");
    fuzz::expect(hub::is_hash(blob.hash), "hashes are names of files");
  }
}

}  // namespace unclip
