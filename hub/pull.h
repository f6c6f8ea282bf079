#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <string>
#include <vector>

#include "hub/http_client.h"
#include "hub/patience.h"
#include "hub/settings.h"
#include "weights/hub_cache.h"
#include "weights/model_layout.h"

namespace unclip::hub {

/// How far a pull is.
struct PullProgress {
  int64_t files_done = 0, files = 0;
  uint64_t bytes_done = 0, bytes = 0;  // of all files; those that were there before count as done
  uint64_t received = 0;               // bytes that came over the network
};

struct PullOptions {
  std::vector<const ModelLayout*> layouts;  // of the models that can be pulled
  bool fp16 = false;                        // prefer weights in half precision
  std::filesystem::path cache;              // HubCache::folder()
  Settings settings;
  std::string user_agent = "unclip";
  int files_at_once = 4;
  RetryOptions retry;
  int stall_seconds = 60;  // without a byte, after which a connection is given up
  /// The functions below may be empty. Called about ten times a second:
  std::function<void(const PullProgress&)> on_progress;
  /// Receives a line about something that takes time: a wait for the server, or for another
  /// program.
  std::function<void(const std::string&)> on_note;
  /// Whether to stop. Called in several threads at once.
  std::function<bool()> stopped;
};

struct PullResult {
  std::filesystem::path folder;  // the model's snapshot
  int64_t files = 0;             // of the model and its companions
  uint64_t bytes = 0;
  uint64_t received = 0;  // bytes that came over the network; 0: all files were there
};

/// Downloads the files of a model that the engine reads to the hub's cache, with those of its
/// companion repositories (CompanionSpec). Files that are there are not downloaded again, and
/// files of which a part is there are continued. The revision gets its new commit when all files of
/// that are whole, so a model that is in use stays whole. Several processes may do this at once, in
/// the same cache, with huggingface_hub, too.
/// Throws Error (HttpFailure if it is about a request), and Stopped; what was downloaded stays.
PullResult pull(const HubName& name, const PullOptions& options);

}  // namespace unclip::hub
