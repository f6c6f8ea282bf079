#include "hub/cache_writer.h"

#include <unistd.h>

#include <cstring>

#include "base/error.h"
#include "base/file_bytes.h"
#include "base/write_file.h"
#include "weights/hub_cache.h"

namespace unclip::hub {
namespace {

namespace fs = std::filesystem;

void make_folders(const fs::path& folder) {
  std::error_code error;
  fs::create_directories(folder, error);
  if (error) fail(folder, ": cannot be made: ", error.message());
}

/// Marks the cache for programs that make backups. https://bford.info/cachedir/
void write_cache_tag(const fs::path& cache) {
  const auto tag = cache / "CACHEDIR.TAG";
  std::error_code ignored;
  if (fs::exists(fs::symlink_status(tag, ignored))) return;
  write_file(tag,
             "Signature: 8a477f597d28d172789f06886806bc55\n"
             "# This file is a cache directory tag created by unclip.\n"
             "# For information about cache directory tags, see:\n"
             "#\thttps://bford.info/cachedir/\n",
             WriteMode::kOverwrite);
}

}  // namespace

CacheWriter::CacheWriter(fs::path cache, const std::string& repository)
    : cache_(std::move(cache)), folder_(cache_ / repository_folder_name(repository)) {}

fs::path CacheWriter::lock_path(const Blob& blob) const {
  return cache_ / ".locks" / folder_.filename() / (blob.hash + ".lock");
}

bool CacheWriter::has(const Blob& blob) const {
  std::error_code error;
  const auto path = blob_path(blob);
  return fs::is_regular_file(path, error) && fs::file_size(path, error) == blob.size && !error;
}

uint64_t CacheWriter::incomplete_size(const Blob& blob) const {
  auto path = blob_path(blob);
  path += ".incomplete";
  std::error_code error;
  const auto size = fs::file_size(path, error);
  return error || size > blob.size ? 0 : size;
}

bool CacheWriter::is_linked(const std::string& commit, const std::string& path,
                            const Blob& blob) const {
  std::error_code error;
  return fs::equivalent(snapshot(commit) / path, blob_path(blob), error) && !error;
}

void CacheWriter::prepare() const {
  make_folders(folder_ / "blobs");
  write_cache_tag(cache_);
}

void CacheWriter::link(const std::string& commit, const std::string& path, const Blob& blob) const {
  if (is_linked(commit, path, blob)) return;
  const auto place = snapshot(commit) / path;
  make_folders(place.parent_path());
  const auto target = blob_path(blob).lexically_relative(place.parent_path());
  const auto scratch = scratch_name(place);
  std::error_code error;
  fs::create_symlink(target, scratch, error);
  if (!error) fs::rename(scratch, place, error);
  if (!error) return;
  unlink(scratch.c_str());
  fail(place, ": cannot be made a link to ", target, ": ", error.message());
}

void CacheWriter::write_ref(const std::string& revision, const std::string& commit) const {
  if (revision == commit) return;
  const auto path = folder_ / "refs" / revision;
  std::error_code ignored;
  if (fs::is_regular_file(path, ignored) && file_bytes(path) == commit) return;
  make_folders(path.parent_path());
  write_file(path, commit, WriteMode::kOverwrite);
}

}  // namespace unclip::hub
