#include "hub/download.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <optional>
#include <utility>
#include <vector>

#include "base/error.h"
#include "base/parse_number.h"
#include "hub/hub_api.h"
#include "hub/url.h"
#include "weights/safetensors_header.h"

namespace unclip::hub {
namespace {

/// The first byte and the length of the whole file in "bytes 100-199/200"; the length is absent if
/// it is "*".
struct ContentRange {
  uint64_t first = 0;
  std::optional<uint64_t> length;
};

std::optional<ContentRange> parse_content_range(std::string_view text) {
  constexpr std::string_view kUnit = "bytes ";
  if (!text.starts_with(kUnit)) return std::nullopt;
  text.remove_prefix(kUnit.size());
  const auto dash = text.find('-'), slash = text.find('/');
  if (dash == text.npos || slash == text.npos || slash < dash) return std::nullopt;
  const auto first = parse_number<uint64_t>(text.substr(0, dash));
  if (!first) return std::nullopt;
  return ContentRange{*first, parse_number<uint64_t>(text.substr(slash + 1))};
}

/// `W/"abc"` -> abc
std::string plain_etag(std::string_view text) {
  if (text.starts_with("W/")) text.remove_prefix(2);
  if (text.size() >= 2 && text.front() == '"' && text.back() == '"') {
    text = text.substr(1, text.size() - 2);
  }
  return std::string(text);
}

}  // namespace

BlobDownload::BlobDownload(Source source, Blob blob, std::filesystem::path path,
                           DownloadCounters& counters, std::function<bool()> stopped)
    : source_(std::move(source)),
      blob_(std::move(blob)),
      path_(std::move(path)),
      incomplete_(path_),
      counters_(counters),
      stopped_(std::move(stopped)),
      hasher_(blob_) {
  incomplete_ += ".incomplete";
}

BlobDownload::~BlobDownload() {
  if (file_ >= 0) close(file_);
  counters_.present -= size_;
}

std::string BlobDownload::message(const std::string& text) const {
  return shown_url(source_.url) + ": " + text;
}

void BlobDownload::run(HttpClient& client, Patience patience) {
  open_incomplete();
  hash_present_bytes();
  fetch_rest(client, patience);
  if (hasher_.hex() != blob_.hash) {
    restart();
    fetch_rest(client, patience);
  }
  if (const auto found = hasher_.hex(); found != blob_.hash) {
    close(std::exchange(file_, -1));
    unlink(incomplete_.c_str());
    fail(message("expected contents with the hash "), blob_.hash, ", got ", found,
         " twice; the file is removed");
  }
  publish();
}

void BlobDownload::open_incomplete() {
  do {
    file_ = open(incomplete_.c_str(), O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0666);
  } while (file_ < 0 && errno == EINTR);
  if (file_ < 0) fail(incomplete_, ": cannot be written: ", std::strerror(errno));
}

void BlobDownload::hash_present_bytes() {
  struct stat status = {};
  if (fstat(file_, &status) != 0) fail(incomplete_, ": ", std::strerror(errno));
  if (static_cast<uint64_t>(status.st_size) > blob_.size) return restart();
  std::vector<char> piece(1 << 20);
  while (size_ < static_cast<uint64_t>(status.st_size)) {
    if (stopped_ && stopped_()) throw Stopped();
    const auto count = read(file_, piece.data(), piece.size());
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) fail(incomplete_, ": cannot be read: ", std::strerror(errno));
    if (count == 0) return;  // somebody has shortened it; what is missing is downloaded
    hasher_.update(piece.data(), static_cast<size_t>(count));
    size_ += static_cast<uint64_t>(count);
    counters_.present += static_cast<uint64_t>(count);
  }
}

void BlobDownload::restart() {
  if (ftruncate(file_, 0) != 0 || lseek(file_, 0, SEEK_SET) != 0) {
    fail(incomplete_, ": cannot be emptied: ", std::strerror(errno));
  }
  counters_.present -= std::exchange(size_, 0);
  hasher_ = BlobHasher(blob_);
}

void BlobDownload::fetch_rest(HttpClient& client, Patience& patience) {
  constexpr uint64_t kProgress = 64 << 10;  // bytes for which an attempt counts as no failure
  patience.reset();
  while (size_ < blob_.size) {
    const auto before = size_;
    try {
      fetch_once(client);
      if (size_ < blob_.size) {
        throw HttpFailure(message("expected " + std::to_string(blob_.size) + " bytes, got " +
                                  std::to_string(size_)),
                          HttpFailure::Kind::kTransient);
      }
    } catch (const HttpFailure& failure) {
      if (size_ >= before + kProgress) patience.reset();
      patience.wait(failure);
    }
  }
}

void BlobDownload::fetch_once(HttpClient& client) {
  const auto from = size_;
  BodyHandler handler;
  handler.begin = [&](const HttpResponse& response) { begin_response(response, from); };
  handler.bytes = [&](std::string_view bytes) { append(bytes); };
  const auto response = client.get(source_.url, from, handler);
  if (response.status == 416 && from > 0) {  // the server has fewer bytes than are here
    restart();
    throw HttpFailure(
        message("HTTP 416: the server cannot continue at byte " + std::to_string(from)),
        HttpFailure::Kind::kTransient);
  }
  expect_success(response, source_.url, source_.name, source_.settings);
}

void BlobDownload::begin_response(const HttpResponse& response, uint64_t from) {
  const auto etag = plain_etag(response.header("x-linked-etag"));
  if (blob_.hash.size() == 64 && !etag.empty() && etag != blob_.hash) {
    fail(message("expected the x-linked-etag "), blob_.hash, ", as the listing says, got '",
         shown(etag), "'");
  }
  std::optional<uint64_t> length;
  if (response.status == 206) {
    const auto text = response.header("content-range");
    const auto range = parse_content_range(text);
    if (!range || range->first != from) {
      fail(message("expected a content-range from byte "), from, ", got '", shown(text), "'");
    }
    length = range->length;
  } else {
    if (from > 0) restart();  // the server sends the whole file again
    length = parse_number<uint64_t>(response.header("content-length"));
  }
  if (length && *length != blob_.size) {
    fail(message("expected "), blob_.size, " bytes, as the listing says; the server has ", *length);
  }
}

void BlobDownload::append(std::string_view bytes) {
  if (bytes.size() > blob_.size - size_) {
    fail(message("expected "), blob_.size, " bytes, as the listing says; the server sends more");
  }
  counters_.received += bytes.size();
  while (!bytes.empty()) {
    const auto count = write(file_, bytes.data(), bytes.size());
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) {
      fail(incomplete_, ": cannot be written: ", std::strerror(errno), "; ", size_, " of ",
           blob_.size, " bytes are there, and the same command continues");
    }
    hasher_.update(bytes.data(), static_cast<size_t>(count));
    size_ += static_cast<uint64_t>(count);
    counters_.present += static_cast<uint64_t>(count);
    bytes.remove_prefix(static_cast<size_t>(count));
  }
}

void BlobDownload::publish() {
  // Some file systems report only now that the disk is full; others have no fsync.
  const bool flushed = fsync(file_) == 0 || errno == EINVAL;
  if (!flushed) fail(incomplete_, ": cannot be written: ", std::strerror(errno));
  const bool closed = close(std::exchange(file_, -1)) == 0 || errno == EINTR;
  if (!closed) fail(incomplete_, ": cannot be written: ", std::strerror(errno));
  if (rename(incomplete_.c_str(), path_.c_str()) != 0) {
    fail(path_, ": cannot be written: ", std::strerror(errno));
  }
  counters_.finished += blob_.size;
  counters_.present -= std::exchange(size_, 0);
}

}  // namespace unclip::hub
