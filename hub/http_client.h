#pragma once

#include <cstdint>
#include <exception>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <string_view>

#include "base/error.h"

namespace unclip::hub {

/// A request that failed. The message is one line that begins with the URL, without its query.
class HttpFailure : public Error {
 public:
  enum class Kind {
    kFinal,        ///< the same request would fail again
    kUnreachable,  ///< no connection: there is no network, or the host does not exist
    kTransient     ///< the same request may succeed later
  };
  HttpFailure(const std::string& message, Kind kind, double retry_after = 0)
      : Error(message), kind(kind), retry_after(retry_after) {}
  Kind kind;
  double retry_after;  // seconds that the server asks to wait; 0: it asks nothing
};

/// Thrown if the caller of a long function asked it to stop.
class Stopped : public std::exception {
 public:
  const char* what() const noexcept override { return "stopped"; }
};

/// The end of a request: its status and those headers that this folder reads, by their names in
/// lower case. Of several hops, the status is the last one's, and the first hop that has an x-*
/// header gives its value.
struct HttpResponse {
  long status = 0;
  std::string url;  // of the last hop
  std::map<std::string, std::string> headers;
  double retry_after = 0;  // seconds; 0: the server did not say

  /// The header's value; empty if there is none.
  std::string header(const std::string& name) const;
};

/// Receives the body of a response with a status below 300. Both functions may throw, which ends
/// the request.
struct BodyHandler {
  std::function<void(const HttpResponse&)> begin;  // before the first byte; called once
  std::function<void(std::string_view)> bytes;
};

struct HttpOptions {
  std::string endpoint;  // the only origin that is sent the token
  std::string token;     // empty: none
  std::string user_agent = "unclip";
  std::function<bool()> stopped;  // asked about once a second; true ends the request
  int connect_seconds = 10;       // the most that a connection may take
  int stall_seconds = 60;         // the most that may pass without a byte
};

/// Makes requests by libcurl, one after another, over connections that stay open. Proxies are those
/// of libcurl's environment variables (https_proxy, no_proxy, ...); $SSL_CERT_FILE or
/// $CURL_CA_BUNDLE replaces the certificates that are trusted. An object belongs to one thread.
class HttpClient {
 public:
  explicit HttpClient(HttpOptions options);
  ~HttpClient();
  HttpClient(const HttpClient&) = delete;
  HttpClient& operator=(const HttpClient&) = delete;

  /// GET of the URL, from byte `from` on if that is not 0. Follows at most 10 redirections, to http
  /// and https only, and never from https to http. A status from 400 on is returned, not thrown.
  /// Throws HttpFailure if there is no whole response, and Stopped.
  HttpResponse get(const std::string& url, uint64_t from, const BodyHandler& handler);

  const HttpOptions& options() const { return options_; }

 private:
  class Handle;
  HttpOptions options_;
  std::unique_ptr<Handle> handle_;
};

}  // namespace unclip::hub
