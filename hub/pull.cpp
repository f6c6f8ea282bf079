#include "hub/pull.h"

#include <algorithm>
#include <deque>
#include <map>

#include "base/file_bytes.h"
#include "hub/cache_writer.h"
#include "hub/fetch_all.h"
#include "hub/hub_api.h"
#include "hub/select_files.h"

namespace unclip::hub {
namespace {

namespace fs = std::filesystem;

constexpr size_t kMostIndexBytes = 1 << 20;
constexpr uint64_t kMostTextBytes = 16 << 20;

/// A repository at a commit, and what is needed of it.
struct OpenRepository {
  HubName name;
  std::string commit;
  Config index;  // its model_index.json
  TreeListing files;
  CacheWriter cache;
  std::vector<ListedFile> selected = {};
};

class Puller {
 public:
  explicit Puller(const PullOptions& options)
      : options_(options),
        client_(http_options()),
        api_(options.settings, client_, Patience(options.retry, options.stopped, options.on_note)) {
  }

  PullResult run(const HubName& name);

 private:
  HttpOptions http_options() const;
  OpenRepository& open(const HubName& name);
  const ModelLayout& layout_of(const OpenRepository& repository) const;
  void select(OpenRepository& repository, const ModelLayout& layout, const std::string& home,
              const std::string& prefix);
  void select_nested(OpenRepository& repository, const ModelLayout& layout);
  void select_companions(OpenRepository& model, const ModelLayout& layout);
  std::string read(const OpenRepository& repository, const ListedFile& file);
  std::vector<FetchTask> tasks() const;
  void expect_disk(const std::vector<FetchTask>& tasks) const;

  const PullOptions& options_;
  HttpClient client_;
  HubApi api_;
  std::deque<OpenRepository> repositories_;  // the model's own is the first
};

HttpOptions Puller::http_options() const {
  HttpOptions http;
  http.endpoint = options_.settings.endpoint;
  http.token = options_.settings.token;
  http.user_agent = options_.user_agent;
  http.stopped = options_.stopped;
  http.stall_seconds = options_.stall_seconds;
  return http;
}

OpenRepository& Puller::open(const HubName& name) {
  auto index = api_.read(name, "model_index.json", kMostIndexBytes);
  auto files = api_.list(name, index.commit);
  repositories_.push_back({name, index.commit,
                           Config::parse(index.bytes, name.repository + ": model_index.json"),
                           std::move(files), CacheWriter(options_.cache, name.repository)});
  return repositories_.back();
}

const ModelLayout& Puller::layout_of(const OpenRepository& repository) const {
  const auto found = repository.index.require<std::string>("_class_name");
  std::string expected;
  for (const auto* layout : options_.layouts) {
    if (layout->has_class(found)) return *layout;
    for (const auto& name : layout->classes) {
      expected.append(expected.empty() ? "\"" : " or \"").append(name).append("\"");
    }
  }
  repository.index.fail_value("_class_name", expected);
}

/// A small file of a repository, from the cache, where it is now.
std::string Puller::read(const OpenRepository& repository, const ListedFile& file) {
  if (file.blob.size > kMostTextBytes) {
    fail(repository.name.repository, ": ", file.path, ": expected at most ", kMostTextBytes,
         " bytes, got ", file.blob.size);
  }
  const FetchTask task{
      repository.name, repository.commit, file.blob, {file.path}, &repository.cache};
  fetch_all({task}, options_, http_options());
  return file_bytes(repository.cache.blob_path(file.blob));
}

void Puller::select(OpenRepository& repository, const ModelLayout& layout, const std::string& home,
                    const std::string& prefix) {
  const ReadFile reader = [&](const ListedFile& file) { return read(repository, file); };
  const auto path = prefix + "model_index.json";
  const auto index = prefix.empty() ? repository.index
                                    : Config::parse(reader({path, repository.files.at(path)}),
                                                    repository.name.repository + ": " + path);
  const ModelFolder folder{repository.name.repository, repository.files, index, home, prefix};
  auto chosen = select_files(folder, layout, options_.fp16, reader);
  repository.selected.insert(repository.selected.end(), chosen.begin(), chosen.end());
}

/// Selects the files of companion folders that lie in the model's own repository.
void Puller::select_nested(OpenRepository& repository, const ModelLayout& layout) {
  for (const auto& companion : layout.companions) {
    const auto& home = companion.name;
    const bool nested = repository.files.contains(home + "/model_index.json");
    if (nested) select(repository, layout, home, home + "/");
  }
}

/// Selects the files of all companions of the model, which may be repositories of their own.
void Puller::select_companions(OpenRepository& model, const ModelLayout& layout) {
  select_nested(model, layout);
  const ModelFolder folder{model.name.repository, model.files, model.index, "", ""};
  const auto companions =
      find_companions(folder, layout, [&](const ListedFile& file) { return read(model, file); });
  for (const auto& companion : companions) {
    select(open({companion.repository, "main"}), layout, companion.home, "");
  }
}

/// One task for each blob of a repository, though several files may have the same contents.
std::vector<FetchTask> Puller::tasks() const {
  std::vector<FetchTask> tasks;
  for (const auto& repository : repositories_) {
    std::map<std::string, size_t> known;  // hash -> index of its task
    for (const auto& file : repository.selected) {
      const auto [it, is_new] = known.emplace(file.blob.hash, tasks.size());
      if (is_new) {
        tasks.push_back({repository.name, repository.commit, file.blob, {}, &repository.cache});
      }
      tasks[it->second].paths.push_back(file.path);
    }
  }
  return tasks;
}

void Puller::expect_disk(const std::vector<FetchTask>& tasks) const {
  uint64_t needed = 0;
  for (const auto& task : tasks) {
    if (!task.cache->has(task.blob)) {
      needed += task.blob.size - task.cache->incomplete_size(task.blob);
    }
  }
  auto folder = fs::absolute(options_.cache);
  std::error_code error;
  while (!fs::exists(folder, error) && folder.has_relative_path()) folder = folder.parent_path();
  const auto space = fs::space(folder, error);
  if (error || needed <= space.available) return;
  fail(options_.cache, ": expected ", needed,
       " bytes of free disk for the files that are missing, ", "found ", space.available);
}

PullResult Puller::run(const HubName& name) {
  auto& model = open(name);
  const auto& layout = layout_of(model);
  const auto home = layout.home_of_class(model.index.require<std::string>("_class_name"));
  select(model, layout, home, "");
  if (home.empty()) select_companions(model, layout);
  const bool any_fp16 =
      std::any_of(repositories_.begin(), repositories_.end(),
                  [](const auto& repository) { return has_fp16(repository.selected); });
  if (options_.fp16 && !any_fp16) {
    fail(name.repository,
         ": expected weights in half precision (NAME.fp16.safetensors), found none");
  }

  const auto all = tasks();
  expect_disk(all);
  const auto totals = fetch_all(all, options_, http_options());
  for (const auto& repository : repositories_) {
    repository.cache.write_ref(repository.name.revision, repository.commit);
  }
  return {.folder = model.cache.snapshot(model.commit),
          .files = totals.files,
          .bytes = totals.bytes,
          .received = totals.received};
}

}  // namespace

PullResult pull(const HubName& name, const PullOptions& options) {
  if (options.settings.offline) {
    fail(name.repository, ": HF_HUB_OFFLINE is set, so nothing is downloaded; unset it to pull");
  }
  return Puller(options).run(name);
}

}  // namespace unclip::hub
