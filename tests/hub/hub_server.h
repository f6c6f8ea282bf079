#pragma once

#include <atomic>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <utility>
#include <vector>

namespace unclip::testing {

/// A request that a HubServer has received.
struct HubRequest {
  std::string path;              // with its query
  std::string authorization;     // the header; empty: there is none
  std::optional<uint64_t> from;  // of "Range: bytes=FROM-"
  bool is_cdn = false;           // whether it came to the second port
};

/// What a HubServer answers.
struct HubAnswer {
  int status = 200;
  std::map<std::string, std::string> headers = {};
  std::string body = {};
  std::optional<size_t> cut = {};  // the connection is closed after so many bytes of the answer
  bool length = true;              // whether there is a content-length
  bool hang = false;  // the connection stays open after the answer until the client closes it
};

/// A server on a free port of 127.0.0.1 that speaks what `unclip pull` asks of the Hugging Face
/// hub: the pages of a listing, small files, and large ones by a redirection to a second port,
/// which stands for the network that delivers them.
class HubServer {
 public:
  using Files = std::map<std::string, std::string>;  // path -> bytes
  /// May change the answer to a request; called in several threads, one at a time.
  using Hook = std::function<void(const HubRequest&, HubAnswer&)>;

  HubServer();
  ~HubServer();
  HubServer(const HubServer&) = delete;
  HubServer& operator=(const HubServer&) = delete;

  /// Files named *.safetensors or *.bin are large ones.
  void add(const std::string& repository, Files files, const std::string& commit = kCommit);
  void set_hook(Hook hook);

  std::string url() const { return "http://127.0.0.1:" + std::to_string(ports_[0]); }
  std::string cdn_url() const { return "http://127.0.0.1:" + std::to_string(ports_[1]); }
  /// The requests so far, and how many of them were for paths that contain `part`.
  std::vector<HubRequest> requests() const;
  size_t count(const std::string& part) const;

  static const std::string kCommit;
  size_t page_size = 4;  // files of a page of the listing

 private:
  struct Repository {
    Files files;
    std::string commit;
  };
  void serve(size_t port);
  void answer(int connection, bool is_cdn);
  HubAnswer usual_answer(const HubRequest& request) const;
  HubAnswer list(const Repository& repository, const std::string& target) const;
  HubAnswer resolve(const Repository& repository, const std::string& path,
                    const HubRequest& request) const;

  mutable std::mutex mutex_;
  std::map<std::string, Repository> repositories_;
  std::vector<HubRequest> requests_;
  Hook hook_;
  int listeners_[2] = {-1, -1};
  int ports_[2] = {0, 0};
  std::atomic<bool> ended_{false};
  std::vector<std::jthread> connections_;
  std::vector<std::jthread> acceptors_;
};

/// The files below a folder.
HubServer::Files files_below(const std::filesystem::path& folder);

/// The answer with its status line and headers, as bytes.
std::string answer_bytes(const HubAnswer& answer);

}  // namespace unclip::testing
