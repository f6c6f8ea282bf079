#include "hub/http_client.h"

#include <curl/curl.h>
#include <signal.h>

#include <algorithm>
#include <array>
#include <cctype>
#include <cstdlib>
#include <ctime>
#include <mutex>

#include "hub/url.h"
#include "weights/safetensors_header.h"

namespace unclip::hub {
namespace {

constexpr int kMostRedirections = 10;
constexpr size_t kLongestHeader = 8 << 10;     // bytes of one that is kept
constexpr size_t kLongestErrorBody = 1 << 20;  // bytes that are read, and ignored

/// The headers that this folder reads.
constexpr std::string_view kHeaders[] = {"content-range", "content-length",  "link",
                                         "x-error-code",  "x-error-message", "x-linked-etag",
                                         "x-repo-commit"};

/// While it lives, writing to a connection that the other side has closed does not end the program.
/// libcurl leaves that to its caller if it must not use signals, and it must not in threads.
class BlockedPipeSignal {
 public:
  BlockedPipeSignal() {
    sigemptyset(&pipe_);
    sigaddset(&pipe_, SIGPIPE);
    pthread_sigmask(SIG_BLOCK, &pipe_, &former_);
  }
  ~BlockedPipeSignal() {
    if (sigismember(&former_, SIGPIPE) == 1) return;
    const timespec now = {};
    while (sigtimedwait(&pipe_, nullptr, &now) == SIGPIPE) continue;
    pthread_sigmask(SIG_SETMASK, &former_, nullptr);
  }
  BlockedPipeSignal(const BlockedPipeSignal&) = delete;
  BlockedPipeSignal& operator=(const BlockedPipeSignal&) = delete;

 private:
  sigset_t pipe_, former_;
};

std::string lower_case(std::string text) {
  std::transform(text.begin(), text.end(), text.begin(),
                 [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  return text;
}

/// What is being received.
struct Reception {
  HttpResponse response;
  const BodyHandler* handler = nullptr;
  const HttpOptions* options = nullptr;
  std::map<std::string, std::string> earlier;  // x-* headers of the hops before
  std::exception_ptr thrown;                   // by the handler
  size_t ignored = 0;                          // bytes of a body that nobody reads
  bool has_headers = false;                    // all of them
  bool begun = false;
  bool cut = false;  // whether this end broke off, because the rest does not matter

  void merge_earlier() {
    for (const auto& [name, value] : earlier) response.headers[name] = value;
  }
  bool has_body() const { return response.status >= 200 && response.status < 300; }
  void begin() {
    if (begun) return;
    begun = true;
    merge_earlier();
    handler->begin(response);
  }
};

size_t receive_header(char* data, size_t, size_t size, void* user) {
  auto& reception = *static_cast<Reception*>(user);
  std::string_view line(data, size);
  while (!line.empty() && std::isspace(static_cast<unsigned char>(line.back()))) {
    line.remove_suffix(1);
  }
  if (line.empty()) reception.has_headers = true;
  if (line.starts_with("HTTP/")) {
    reception.has_headers = false;
    reception.response.headers.clear();
    const auto space = line.find(' ');
    reception.response.status =
        space == line.npos ? 0 : std::atol(std::string(line.substr(space)).c_str());
    return size;
  }
  const auto colon = line.find(':');
  if (colon == line.npos || line.size() > kLongestHeader) return size;
  const auto name = lower_case(std::string(line.substr(0, colon)));
  if (std::find(std::begin(kHeaders), std::end(kHeaders), name) == std::end(kHeaders)) return size;
  auto value = line.substr(colon + 1);
  value.remove_prefix(std::min(value.find_first_not_of(" \t"), value.size()));
  reception.response.headers[name] = value;
  return size;
}

size_t receive_body(char* data, size_t, size_t size, void* user) {
  auto& reception = *static_cast<Reception*>(user);
  if (!reception.has_body()) {
    reception.ignored += size;
    reception.cut = reception.ignored > kLongestErrorBody;
    return reception.cut ? 0 : size;
  }
  try {
    reception.begin();
    reception.handler->bytes({data, size});
    return size;
  } catch (...) {
    reception.thrown = std::current_exception();
    return 0;
  }
}

int ask_whether_stopped(void* user, curl_off_t, curl_off_t, curl_off_t, curl_off_t) {
  const auto& options = *static_cast<Reception*>(user)->options;
  return options.stopped && options.stopped() ? 1 : 0;
}

/// `answered`: whether anything was received.
HttpFailure::Kind kind_of(CURLcode code, bool answered) {
  switch (code) {
    case CURLE_COULDNT_RESOLVE_HOST:
    case CURLE_COULDNT_RESOLVE_PROXY:
    case CURLE_COULDNT_CONNECT:
      return HttpFailure::Kind::kUnreachable;
    case CURLE_OPERATION_TIMEDOUT:
      return answered ? HttpFailure::Kind::kTransient : HttpFailure::Kind::kUnreachable;
    case CURLE_PARTIAL_FILE:
    case CURLE_GOT_NOTHING:
    case CURLE_SEND_ERROR:
    case CURLE_RECV_ERROR:
    case CURLE_HTTP2:
    case CURLE_HTTP2_STREAM:
      return HttpFailure::Kind::kTransient;
    default:
      return HttpFailure::Kind::kFinal;
  }
}

std::string explain(CURLcode code, const std::string& detail) {
  switch (code) {
    case CURLE_COULDNT_RESOLVE_HOST:
      return "the address of the host was not found (" + detail +
             "); expected a network, and a host that exists in HF_ENDPOINT if that is set";
    case CURLE_PEER_FAILED_VERIFICATION:
      return "the certificate of the host is not trusted (" + detail +
             "); SSL_CERT_FILE may name a file of trusted certificates";
    case CURLE_SSL_CACERT_BADFILE:
      return "the file of trusted certificates cannot be read (" + detail +
             "); install ca-certificates, or set SSL_CERT_FILE";
    case CURLE_SSL_CONNECT_ERROR:
      return "no TLS connection could be made (" + detail + ")";
    case CURLE_OPERATION_TIMEDOUT:
      return "nothing was received in time (" + detail + ")";
    default:
      return "the request failed (" + detail + ")";
  }
}

}  // namespace

/// A handle of libcurl, with the options that all requests have.
class HttpClient::Handle {
 public:
  explicit Handle(const HttpOptions& options);
  ~Handle() { curl_easy_cleanup(curl_); }
  Handle(const Handle&) = delete;
  Handle& operator=(const Handle&) = delete;

  /// One hop. Returns the URL that it redirects to; empty if it does not.
  std::string perform(const std::string& url, uint64_t from, bool with_token, Reception& reception);

 private:
  CURL* curl_ = nullptr;
  std::array<char, CURL_ERROR_SIZE> error_ = {};
};

HttpClient::Handle::Handle(const HttpOptions& options) {
  static std::once_flag once;
  std::call_once(once, [] { curl_global_init(CURL_GLOBAL_DEFAULT); });
  curl_ = curl_easy_init();
  if (curl_ == nullptr) fail("libcurl cannot be initialised");
  curl_easy_setopt(curl_, CURLOPT_NOSIGNAL, 1L);
  curl_easy_setopt(curl_, CURLOPT_PROTOCOLS_STR, "http,https");
  curl_easy_setopt(curl_, CURLOPT_USERAGENT, options.user_agent.c_str());
  curl_easy_setopt(curl_, CURLOPT_CONNECTTIMEOUT, static_cast<long>(options.connect_seconds));
  curl_easy_setopt(curl_, CURLOPT_LOW_SPEED_LIMIT, 1L);
  curl_easy_setopt(curl_, CURLOPT_LOW_SPEED_TIME, static_cast<long>(options.stall_seconds));
  curl_easy_setopt(curl_, CURLOPT_SUPPRESS_CONNECT_HEADERS, 1L);
  curl_easy_setopt(curl_, CURLOPT_ERRORBUFFER, error_.data());
  curl_easy_setopt(curl_, CURLOPT_HEADERFUNCTION, &receive_header);
  curl_easy_setopt(curl_, CURLOPT_WRITEFUNCTION, &receive_body);
  curl_easy_setopt(curl_, CURLOPT_XFERINFOFUNCTION, &ask_whether_stopped);
  curl_easy_setopt(curl_, CURLOPT_NOPROGRESS, 0L);
  for (const auto* name : {"CURL_CA_BUNDLE", "SSL_CERT_FILE"}) {
    const char* file = std::getenv(name);
    if (file != nullptr && *file != '\0') curl_easy_setopt(curl_, CURLOPT_CAINFO, file);
  }
}

std::string HttpClient::Handle::perform(const std::string& url, uint64_t from, bool with_token,
                                        Reception& reception) {
  const auto& options = *reception.options;
  std::unique_ptr<curl_slist, decltype(&curl_slist_free_all)> headers(nullptr,
                                                                      &curl_slist_free_all);
  const auto add = [&](const std::string& line) {
    auto* list = curl_slist_append(headers.get(), line.c_str());
    if (list == nullptr) throw std::bad_alloc();
    headers.release();
    headers.reset(list);
  };
  if (with_token) add("Authorization: Bearer " + options.token);
  if (from > 0) add("Range: bytes=" + std::to_string(from) + "-");
  curl_easy_setopt(curl_, CURLOPT_URL, url.c_str());
  curl_easy_setopt(curl_, CURLOPT_HTTPHEADER, headers.get());
  curl_easy_setopt(curl_, CURLOPT_HEADERDATA, &reception);
  curl_easy_setopt(curl_, CURLOPT_WRITEDATA, &reception);
  curl_easy_setopt(curl_, CURLOPT_XFERINFODATA, &reception);
  error_[0] = '\0';

  const auto code = curl_easy_perform(curl_);
  if (reception.thrown) std::rethrow_exception(reception.thrown);
  if (code == CURLE_ABORTED_BY_CALLBACK) throw Stopped();
  if (code != CURLE_OK && !reception.cut) {
    const std::string detail = error_[0] != '\0' ? error_.data() : curl_easy_strerror(code);
    throw HttpFailure(shown_url(url) + ": " + explain(code, shown(detail)),
                      kind_of(code, reception.response.status != 0));
  }
  if (!reception.has_headers) {  // libcurl takes that for a response without a body
    throw HttpFailure(shown_url(url) + ": the connection ended before the end of the headers",
                      HttpFailure::Kind::kTransient);
  }
  curl_off_t retry_after = 0;
  curl_easy_getinfo(curl_, CURLINFO_RETRY_AFTER, &retry_after);
  reception.response.retry_after = static_cast<double>(std::max<curl_off_t>(retry_after, 0));
  char* next = nullptr;
  curl_easy_getinfo(curl_, CURLINFO_REDIRECT_URL, &next);
  return next != nullptr ? next : "";
}

HttpClient::HttpClient(HttpOptions options)
    : options_(std::move(options)), handle_(std::make_unique<Handle>(options_)) {}
HttpClient::~HttpClient() = default;

HttpResponse HttpClient::get(const std::string& first, uint64_t from, const BodyHandler& handler) {
  const BlockedPipeSignal blocked;
  const auto endpoint = origin_of(options_.endpoint);
  std::map<std::string, std::string> earlier;
  auto url = first;
  for (int hop = 0; hop <= kMostRedirections; ++hop) {
    Reception reception;
    reception.handler = &handler;
    reception.options = &options_;
    reception.response.url = url;
    reception.earlier = earlier;
    const bool with_token = !options_.token.empty() && origin_of(url) == endpoint;
    auto next = handle_->perform(url, from, with_token, reception);
    for (const auto& [name, value] : reception.response.headers) {
      if (name.starts_with("x-")) earlier.emplace(name, value);
    }
    if (next.empty()) {
      reception.merge_earlier();
      if (reception.has_body()) reception.begin();
      return reception.response;
    }
    const bool downgrade = url.starts_with("https:") && !next.starts_with("https:");
    if (!is_http_url(next) || downgrade) {
      throw HttpFailure(shown_url(url) + ": expected a redirection to http" +
                            (downgrade ? "s" : " or https") + ", got one to " +
                            shown(next.substr(0, next.find('?'))),
                        HttpFailure::Kind::kFinal);
    }
    url = std::move(next);
  }
  throw HttpFailure(shown_url(first) + ": expected at most " + std::to_string(kMostRedirections) +
                        " redirections, got more",
                    HttpFailure::Kind::kFinal);
}

std::string HttpResponse::header(const std::string& name) const {
  const auto it = headers.find(name);
  return it == headers.end() ? std::string() : it->second;
}

}  // namespace unclip::hub
