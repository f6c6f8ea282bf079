#include "hub/fetch_all.h"

#include <algorithm>
#include <atomic>
#include <chrono>
#include <condition_variable>
#include <mutex>
#include <thread>

#include "hub/download.h"
#include "hub/file_lock.h"
#include "hub/hub_api.h"

namespace unclip::hub {
namespace {

/// The threads that do the tasks, and what they share.
class Fetcher {
 public:
  Fetcher(const std::vector<FetchTask>& tasks, const PullOptions& options, const HttpOptions& http);
  PullProgress run();

 private:
  void work();
  void fetch(const FetchTask& task, HttpClient& client);
  void download(const FetchTask& task, HttpClient& client);
  bool stopped() const { return given_up_ || (options_.stopped && options_.stopped()); }
  void note(const std::string& text);
  void deliver_notes();
  PullProgress progress() const;

  const std::vector<FetchTask>& tasks_;
  const PullOptions& options_;
  HttpOptions http_;
  PullProgress whole_;  // with the totals
  DownloadCounters counters_;
  std::atomic<size_t> next_{0};  // task
  std::atomic<int64_t> files_done_{0};
  std::atomic<bool> given_up_{false};

  std::mutex mutex_;  // of the members below
  std::condition_variable changed_;
  size_t working_ = 0;  // threads
  std::vector<std::string> notes_;
  std::exception_ptr thrown_;  // the first exception
};

Fetcher::Fetcher(const std::vector<FetchTask>& tasks, const PullOptions& options,
                 const HttpOptions& http)
    : tasks_(tasks), options_(options), http_(http) {
  http_.stopped = [this] { return stopped(); };
  for (const auto& task : tasks) {
    whole_.files += static_cast<int64_t>(task.paths.size());
    whole_.bytes += task.blob.size;
  }
}

PullProgress Fetcher::progress() const {
  auto progress = whole_;
  progress.files_done = files_done_;
  progress.bytes_done = std::min(counters_.present + counters_.finished, whole_.bytes);
  progress.received = counters_.received;
  return progress;
}

void Fetcher::note(const std::string& text) {
  const std::lock_guard lock(mutex_);
  notes_.push_back(text);
}

void Fetcher::deliver_notes() {
  std::vector<std::string> notes;
  {
    const std::lock_guard lock(mutex_);
    notes.swap(notes_);
  }
  if (!options_.on_note) return;
  for (const auto& text : notes) options_.on_note(text);
}

PullProgress Fetcher::run() {
  const auto count =
      std::min<size_t>(tasks_.size(), static_cast<size_t>(std::max(options_.files_at_once, 1)));
  std::vector<std::jthread> threads;
  working_ = count;
  for (size_t i = 0; i < count; ++i) threads.emplace_back([this] { work(); });
  for (bool ended = false; !ended;) {
    {
      std::unique_lock lock(mutex_);
      ended =
          changed_.wait_for(lock, std::chrono::milliseconds(100), [this] { return working_ == 0; });
    }
    deliver_notes();
    if (options_.on_progress) options_.on_progress(progress());
  }
  threads.clear();  // joins them
  if (thrown_) std::rethrow_exception(thrown_);
  return progress();
}

void Fetcher::work() {
  try {
    HttpClient client(http_);
    for (size_t i = next_++; i < tasks_.size(); i = next_++) {
      if (stopped()) throw Stopped();
      fetch(tasks_[i], client);
    }
  } catch (...) {
    const std::lock_guard lock(mutex_);
    if (!thrown_) thrown_ = std::current_exception();
    given_up_ = true;
  }
  const std::lock_guard lock(mutex_);
  --working_;
  changed_.notify_all();
}

void Fetcher::fetch(const FetchTask& task, HttpClient& client) {
  if (task.cache->has(task.blob)) {
    counters_.finished += task.blob.size;
  } else {
    download(task, client);
  }
  for (const auto& path : task.paths) {
    task.cache->link(task.commit, path, task.blob);
    ++files_done_;
  }
}

void Fetcher::download(const FetchTask& task, HttpClient& client) {
  const auto stop = [this] { return stopped(); };
  task.cache->prepare();
  const FileLock lock(task.cache->lock_path(task.blob), stop, [&] {
    note(task.paths.front() + ": another program downloads it; waiting for that");
  });
  if (task.cache->has(task.blob)) {  // the other program has finished it
    counters_.finished += task.blob.size;
    return;
  }
  const BlobDownload::Source source{
      file_url(options_.settings, task.name.repository, task.commit, task.paths.front()), task.name,
      options_.settings};
  Patience patience(options_.retry, stop, [this](const std::string& text) { note(text); });
  patience.note_response();
  BlobDownload(source, task.blob, task.cache->blob_path(task.blob), counters_, stop)
      .run(client, patience);
}

}  // namespace

PullProgress fetch_all(const std::vector<FetchTask>& tasks, const PullOptions& options,
                       const HttpOptions& http) {
  return Fetcher(tasks, options, http).run();
}

}  // namespace unclip::hub
