#pragma once

#include <string>

#include "hub/http_client.h"
#include "hub/patience.h"
#include "hub/settings.h"
#include "hub/tree_listing.h"
#include "weights/hub_cache.h"

namespace unclip::hub {

/// Throws HttpFailure for a response that is none (a status from 300 on). The message says what the
/// user can do: which page to visit, which variable to set. `url` is that of the request.
void expect_success(const HttpResponse& response, const std::string& url, const HubName& name,
                    const Settings& settings);

/// The URL of a file of a repository.
std::string file_url(const Settings& settings, const std::string& repository,
                     const std::string& revision, const std::string& path);

/// The requests about repositories. What a request needs to be repeated for (a busy server, a
/// connection that breaks) is repeated. All functions throw HttpFailure, Error and Stopped.
class HubApi {
 public:
  HubApi(Settings settings, HttpClient& client, Patience patience);

  /// A small file at the head of a revision, and the commit that this is.
  struct File {
    std::string bytes;
    std::string commit;
  };
  /// The file; Error if it has more than `most` bytes.
  File read(const HubName& name, const std::string& path, size_t most);

  /// All files of the repository at a commit.
  TreeListing list(const HubName& name, const std::string& commit);

 private:
  struct Answer {
    HttpResponse response;
    std::string bytes;
  };
  Answer get(const std::string& url, const HubName& name, size_t most);
  Answer get_once(const std::string& url, const HubName& name, size_t most);

  Settings settings_;
  HttpClient& client_;
  Patience patience_;
};

}  // namespace unclip::hub
