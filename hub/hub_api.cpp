#include "hub/hub_api.h"

#include "base/error.h"
#include "hub/url.h"
#include "weights/safetensors_header.h"

namespace unclip::hub {
namespace {

constexpr size_t kMostPageBytes = 64 << 20;
constexpr int kMostPages = 1000;

/// Whether a request with this status may succeed later.
bool is_passing(long status) { return status == 408 || status == 429 || status >= 500; }

/// What a client error means for the user.
std::string explain_refusal(const HttpResponse& response, const HubName& name,
                            const Settings& settings) {
  const auto code = response.header("x-error-code");
  const auto page = settings.endpoint + "/" + name.repository;
  const std::string token = settings.token.empty() ? "set HF_TOKEN to a token of your account"
                                                   : "the token that was sent does not allow it";
  if (code == "GatedRepo") {
    return "access needs the owner's consent: visit " + page +
           " with your account and ask for it; " + token;
  }
  if (code == "RevisionNotFound") {
    return "the repository " + name.repository + " has no revision '" + shown(name.revision) +
           "'; " + page + "/tree/main lists them";
  }
  if (code == "EntryNotFound") return "the repository " + name.repository + " has no such file";
  if (response.status == 401 || code == "RepoNotFound") {
    return "there is no repository " + name.repository + ", or it is private; check the name; " +
           "if it is private, " + token;
  }
  if (response.status == 403) return "access is denied; visit " + page + "; " + token;
  if (response.status == 404) return "there is no such repository, revision or file";
  return "the server refused the request";
}

}  // namespace

void expect_success(const HttpResponse& response, const std::string& url, const HubName& name,
                    const Settings& settings) {
  if (response.status >= 200 && response.status < 300) return;
  auto message = shown_url(url) + ": HTTP " + std::to_string(response.status) + ": ";
  const bool passing = is_passing(response.status);
  if (passing) {
    message += response.status == 429 ? "too many requests" : "the server has a problem";
    if (response.retry_after > 0) {
      message += ", which asks to wait " +
                 std::to_string(static_cast<int64_t>(response.retry_after)) + " s";
    }
    if (response.status == 429 && settings.token.empty()) {
      message += "; with HF_TOKEN the hub allows more";
    }
  } else {
    message += explain_refusal(response, name, settings);
  }
  if (const auto said = response.header("x-error-message"); !said.empty()) {
    message += " (the server says: " + shown(said) + ")";
  }
  throw HttpFailure(message, passing ? HttpFailure::Kind::kTransient : HttpFailure::Kind::kFinal,
                    response.retry_after);
}

std::string file_url(const Settings& settings, const std::string& repository,
                     const std::string& revision, const std::string& path) {
  auto url = settings.endpoint + "/" + repository + "/resolve/" + escaped_component(revision);
  for (size_t begin = 0; begin <= path.size();) {
    const auto end = std::min(path.find('/', begin), path.size());
    url += "/" + escaped_component(path.substr(begin, end - begin));
    begin = end + 1;
  }
  return url;
}

HubApi::HubApi(Settings settings, HttpClient& client, Patience patience)
    : settings_(std::move(settings)), client_(client), patience_(std::move(patience)) {}

HubApi::Answer HubApi::get_once(const std::string& url, const HubName& name, size_t most) {
  Answer answer;
  BodyHandler handler;
  handler.begin = [&](const HttpResponse&) { answer.bytes.clear(); };
  handler.bytes = [&](std::string_view bytes) {
    if (bytes.size() > most - answer.bytes.size()) {
      fail(shown_url(url), ": expected at most ", most, " bytes, got more");
    }
    answer.bytes.append(bytes);
  };
  answer.response = client_.get(url, 0, handler);
  patience_.note_response();
  expect_success(answer.response, url, name, settings_);
  return answer;
}

HubApi::Answer HubApi::get(const std::string& url, const HubName& name, size_t most) {
  patience_.reset();
  for (;;) {
    try {
      return get_once(url, name, most);
    } catch (const HttpFailure& failure) {
      patience_.wait(failure);
    }
  }
}

HubApi::File HubApi::read(const HubName& name, const std::string& path, size_t most) {
  const auto url = file_url(settings_, name.repository, name.revision, path);
  auto answer = get(url, name, most);
  const auto commit = answer.response.header("x-repo-commit");
  if (!is_hash(commit)) {
    fail(shown_url(url), ": expected a commit in the header x-repo-commit, got '", shown(commit),
         "'; HF_ENDPOINT may not be a hub");
  }
  if (is_hash(name.revision) && commit != name.revision) {
    fail(shown_url(url), ": expected the commit that was asked for, got ", commit);
  }
  return {std::move(answer.bytes), commit};
}

TreeListing HubApi::list(const HubName& name, const std::string& commit) {
  TreeListing files;
  std::optional<std::string> url =
      settings_.endpoint + "/api/models/" + name.repository + "/tree/" + commit + "?recursive=true";
  for (int page = 0; url; ++page) {
    if (page == kMostPages) {
      fail(shown_url(*url), ": expected at most ", kMostPages, " pages of files, got more");
    }
    const auto answer = get(*url, name, kMostPageBytes);
    add_tree_page(files, answer.bytes, shown_url(*url));
    const auto next = next_page(answer.response.header("link"));
    if (next && !is_http_url(*next)) {
      fail(shown_url(*url), ": expected the next page at a URL of http or https, got '",
           shown(*next), "'");
    }
    url = next;
  }
  return files;
}

}  // namespace unclip::hub
