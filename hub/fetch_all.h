#pragma once

#include <string>
#include <vector>

#include "hub/cache_writer.h"
#include "hub/pull.h"

namespace unclip::hub {

/// A blob to be brought into the cache, and the files that are to be links to it.
struct FetchTask {
  HubName name;  // of the repository
  std::string commit;
  Blob blob;
  std::vector<std::string> paths;
  const CacheWriter* cache;
};

/// Does the tasks, several at a time, each in its own thread. Reports progress and notes in the
/// caller's thread. If one fails, the others end, and its exception is thrown.
PullProgress fetch_all(const std::vector<FetchTask>& tasks, const PullOptions& options,
                       const HttpOptions& http);

}  // namespace unclip::hub
