#pragma once

#include <atomic>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <string>

#include "hub/blob.h"
#include "hub/http_client.h"
#include "hub/patience.h"
#include "hub/settings.h"
#include "weights/hub_cache.h"

namespace unclip::hub {

/// Bytes of all downloads together; other threads may read them at any time.
struct DownloadCounters {
  std::atomic<uint64_t> present{0};   // of blobs that are not whole yet, on the disk
  std::atomic<uint64_t> finished{0};  // of blobs that are whole
  std::atomic<uint64_t> received{0};  // over the network
};

/// The download of one blob to a file, which is whole or absent. Until it is whole its bytes are in
/// FILE.incomplete, and a later download continues there, after any kind of end. Nobody else may
/// write these files meanwhile (FileLock).
class BlobDownload {
 public:
  struct Source {
    std::string url;
    HubName name;  // the repository, for messages
    Settings settings;
  };
  BlobDownload(Source source, Blob blob, std::filesystem::path path, DownloadCounters& counters,
               std::function<bool()> stopped);
  ~BlobDownload();
  BlobDownload(const BlobDownload&) = delete;
  BlobDownload& operator=(const BlobDownload&) = delete;

  /// Downloads what is missing, and checks the hash of the whole; a file with another hash is
  /// removed and downloaded once more. Throws Error (disk full, the server's sizes are not those of
  /// the listing, wrong hash), HttpFailure and Stopped.
  void run(HttpClient& client, Patience patience);

 private:
  void open_incomplete();
  void hash_present_bytes();
  void fetch_rest(HttpClient& client, Patience& patience);
  void fetch_once(HttpClient& client);
  void begin_response(const HttpResponse& response, uint64_t from);
  void append(std::string_view bytes);
  void restart();
  void publish();
  std::string message(const std::string& text) const;

  Source source_;
  Blob blob_;
  std::filesystem::path path_, incomplete_;
  DownloadCounters& counters_;
  std::function<bool()> stopped_;
  int file_ = -1;
  uint64_t size_ = 0;  // bytes in the incomplete file, all of which the hasher has seen
  BlobHasher hasher_;
};

}  // namespace unclip::hub
