#include "tests/hub/hub_server.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cstring>
#include <nlohmann/json.hpp>
#include <stdexcept>

#include "base/file_bytes.h"
#include "hub/blob.h"

namespace unclip::testing {
namespace {

using nlohmann::json;

bool is_large(const std::string& path) {
  return path.ends_with(".safetensors") || path.ends_with(".bin");
}

std::string hash_of_file(const std::string& path, const std::string& bytes) {
  hub::BlobHasher hasher({std::string(is_large(path) ? 64 : 40, '0'), bytes.size()});
  hasher.update(bytes.data(), bytes.size());
  return hasher.hex();
}

int listen_on_free_port(int& port) {
  const int listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in address = {};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof address;
  if (bind(listener, reinterpret_cast<sockaddr*>(&address), size) != 0 ||
      listen(listener, 64) != 0 ||
      getsockname(listener, reinterpret_cast<sockaddr*>(&address), &size) != 0) {
    throw std::runtime_error("no free port");
  }
  port = ntohs(address.sin_port);
  return listener;
}

/// The head of a request; what is there if the connection ends earlier.
std::string receive_head(int connection) {
  std::string head;
  char piece[4096];
  while (head.find("\r\n\r\n") == head.npos) {
    const auto count = recv(connection, piece, sizeof piece, 0);
    if (count <= 0) break;
    head.append(piece, static_cast<size_t>(count));
    if (head[0] == '\x16') return {};  // the begin of TLS, which is not spoken here
  }
  return head;
}

void send_all(int connection, std::string_view bytes) {
  while (!bytes.empty()) {
    const auto count = send(connection, bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (count <= 0) return;
    bytes.remove_prefix(static_cast<size_t>(count));
  }
}

std::string header_value(const std::string& head, const std::string& name) {
  const auto at = head.find("\r\n" + name + ": ");
  if (at == head.npos) return {};
  const auto begin = at + name.size() + 4;
  return head.substr(begin, head.find("\r\n", begin) - begin);
}

HubAnswer error_answer(int status, const std::string& code) {
  return {status, {{"X-Error-Code", code}}, ""};
}

/// The rest of the body from the byte that was asked for.
HubAnswer ranged(const std::string& bytes, const HubRequest& request) {
  if (!request.from) return {200, {}, bytes};
  if (*request.from >= bytes.size()) return {416, {}, ""};
  const auto range = "bytes " + std::to_string(*request.from) + "-" +
                     std::to_string(bytes.size() - 1) + "/" + std::to_string(bytes.size());
  return {206, {{"Content-Range", range}}, bytes.substr(*request.from)};
}

}  // namespace

const std::string HubServer::kCommit = "c0ffee00c0ffee00c0ffee00c0ffee00c0ffee00";

HubServer::Files files_below(const std::filesystem::path& folder) {
  HubServer::Files files;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(folder)) {
    if (entry.is_directory()) continue;
    files[entry.path().lexically_relative(folder).string()] = file_bytes(entry.path());
  }
  return files;
}

std::string answer_bytes(const HubAnswer& answer) {
  auto text = "HTTP/1.1 " + std::to_string(answer.status) + " x\r\nConnection: close\r\n";
  if (answer.length && !answer.headers.contains("Content-Length")) {
    text += "Content-Length: " + std::to_string(answer.body.size()) + "\r\n";
  }
  for (const auto& [name, value] : answer.headers) text += name + ": " + value + "\r\n";
  return text + "\r\n" + answer.body;
}

HubServer::HubServer() {
  for (size_t i = 0; i < 2; ++i) listeners_[i] = listen_on_free_port(ports_[i]);
  for (size_t i = 0; i < 2; ++i) acceptors_.emplace_back([this, i] { serve(i); });
}

HubServer::~HubServer() {
  ended_ = true;
  acceptors_.clear();
  connections_.clear();
  for (const int listener : listeners_) ::close(listener);
}

void HubServer::add(const std::string& repository, Files files, const std::string& commit) {
  const std::lock_guard lock(mutex_);
  repositories_[repository] = {std::move(files), commit};
}

void HubServer::set_hook(Hook hook) {
  const std::lock_guard lock(mutex_);
  hook_ = std::move(hook);
}

std::vector<HubRequest> HubServer::requests() const {
  const std::lock_guard lock(mutex_);
  return requests_;
}

size_t HubServer::count(const std::string& part) const {
  size_t count = 0;
  for (const auto& request : requests()) count += request.path.find(part) != request.path.npos;
  return count;
}

void HubServer::serve(size_t port) {
  pollfd waiting = {listeners_[port], POLLIN, 0};
  while (!ended_) {
    if (poll(&waiting, 1, 20) <= 0) continue;
    const int connection = accept4(listeners_[port], nullptr, nullptr, SOCK_CLOEXEC);
    if (connection < 0) continue;
    const std::lock_guard lock(mutex_);
    connections_.emplace_back([this, connection, port] { answer(connection, port == 1); });
  }
}

void HubServer::answer(int connection, bool is_cdn) {
  const auto head = receive_head(connection);
  if (head.empty()) {
    ::close(connection);
    return;
  }
  HubRequest request;
  const auto begin = head.find(' ') + 1;
  request.path = head.substr(begin, head.find(' ', begin) - begin);
  request.authorization = header_value(head, "Authorization");
  request.is_cdn = is_cdn;
  const auto range = header_value(head, "Range");
  if (range.starts_with("bytes=")) request.from = std::stoull(range.substr(6));
  HubAnswer answer;
  {
    const std::lock_guard lock(mutex_);
    answer = usual_answer(request);
    requests_.push_back(request);
    if (hook_) hook_(request, answer);
  }
  auto bytes = answer_bytes(answer);
  if (answer.cut) bytes.resize(std::min(bytes.size(), *answer.cut));
  send_all(connection, bytes);
  if (!answer.hang) shutdown(connection, SHUT_WR);
  char rest[256];
  while (recv(connection, rest, sizeof rest, 0) > 0) continue;  // until the client has it all
  ::close(connection);
}

HubAnswer HubServer::usual_answer(const HubRequest& request) const {
  for (const auto& [name, repository] : repositories_) {
    if (request.is_cdn && request.path.starts_with("/" + name + "/")) {
      const auto path = request.path.substr(name.size() + 2);
      return ranged(repository.files.at(path.substr(0, path.find('?'))), request);
    }
    const auto tree = "/api/models/" + name + "/tree/" + repository.commit;
    if (request.path.starts_with(tree + "?")) return list(repository, request.path);
    const auto resolve_prefix = "/" + name + "/resolve/";
    if (!request.path.starts_with(resolve_prefix)) continue;
    const auto rest = request.path.substr(resolve_prefix.size());
    const auto revision = rest.substr(0, rest.find('/'));
    const bool known =
        revision == "main" || revision == repository.commit || revision.starts_with("refs%2F");
    if (!known) {
      return error_answer(404, "RevisionNotFound");
    }
    return resolve(repository, name + rest.substr(revision.size()), request);
  }
  return error_answer(401, "RepoNotFound");
}

HubAnswer HubServer::list(const Repository& repository, const std::string& target) const {
  const auto cursor = target.find("&cursor=");
  const size_t begin = cursor == target.npos ? 0 : std::stoul(target.substr(cursor + 8));
  auto page = json::array();
  page.push_back(
      {{"type", "directory"}, {"oid", std::string(40, 'd')}, {"size", 0}, {"path", "x"}});
  size_t i = 0;
  for (const auto& [path, bytes] : repository.files) {
    if (i++ < begin || i > begin + page_size) continue;
    json entry = {{"type", "file"}, {"path", path}, {"size", bytes.size()}};
    if (is_large(path)) {
      entry["oid"] = std::string(40, 'a');
      entry["lfs"] = {{"oid", hash_of_file(path, bytes)}, {"size", bytes.size()}};
    } else {
      entry["oid"] = hash_of_file(path, bytes);
    }
    page.push_back(entry);
  }
  HubAnswer answer{200, {}, page.dump()};
  if (begin + page_size < repository.files.size()) {
    answer.headers["Link"] = "<" + url() + target.substr(0, cursor) +
                             "&cursor=" + std::to_string(begin + page_size) + ">; rel=\"next\"";
  }
  return answer;
}

/// `path` begins with the repository's name.
HubAnswer HubServer::resolve(const Repository& repository, const std::string& path,
                             const HubRequest& request) const {
  const auto file = path.substr(path.find('/', path.find('/') + 1) + 1);
  const auto it = repository.files.find(file);
  if (it == repository.files.end()) return error_answer(404, "EntryNotFound");
  const auto etag = "\"" + hash_of_file(file, it->second) + "\"";
  if (!is_large(file)) {
    auto answer = ranged(it->second, request);
    answer.headers["ETag"] = etag;
    answer.headers["X-Repo-Commit"] = repository.commit;
    return answer;
  }
  return {302,
          {{"Location", cdn_url() + "/" + path + "?signature=secret"},
           {"X-Linked-Etag", etag},
           {"X-Linked-Size", std::to_string(it->second.size())},
           {"X-Repo-Commit", repository.commit}},
          ""};
}

}  // namespace unclip::testing
