#include "lab/run_folder.h"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <nlohmann/json.hpp>

#include "core/config.h"
#include "core/csv.h"
#include "core/file_bytes.h"
#include "image/write_file.h"

namespace unclip::lab {
namespace {

namespace fs = std::filesystem;

constexpr auto kRun = "run.json";

/// Bytes at a file's end, to the disk, all or none.
void append(const fs::path& file, const std::string& bytes) {
  const int descriptor = open(file.c_str(), O_WRONLY | O_APPEND | O_CLOEXEC);
  if (descriptor < 0) fail(file, ": cannot be written: ", std::strerror(errno));
  const auto end = lseek(descriptor, 0, SEEK_END);
  const auto written = write(descriptor, bytes.data(), bytes.size());
  const bool whole = written == static_cast<ssize_t>(bytes.size()) && fsync(descriptor) == 0;
  const int error = written < 0 ? errno : ENOSPC;
  // A part of a record is cut off again; what cannot be is no whole record, and is not read.
  if (!whole && ftruncate(descriptor, end) != 0) errno = error;
  close(descriptor);
  if (!whole) fail(file, ": cannot be written: ", std::strerror(error));
}

}  // namespace

RunFolder::RunFolder(const fs::path& path, const std::string& name, const std::string& command,
                     const nlohmann::ordered_json& settings, const Record& columns)
    : path_(path), csv_(path / (name + ".csv")) {
  std::error_code error;
  if (fs::exists(path_ / kRun, error)) {
    go_on(settings, columns);
  } else {
    const nlohmann::ordered_json run = {{"command", command}, {"settings", settings}};
    begin(run.dump(2) + "\n", columns);
  }
  fs::create_directory(path_ / "pictures", error);
  if (error) fail(path_ / "pictures", ": cannot be made: ", error.message());
}

void RunFolder::begin(const std::string& run, const Record& columns) const {
  std::error_code error;
  if (fs::exists(path_, error)) {
    if (!fs::is_directory(path_, error)) fail(path_, ": is no folder");
    if (!fs::is_empty(path_, error)) {
      fail(path_, ": is no empty folder, and holds no ", kRun, " of an earlier run");
    }
  } else if (!fs::create_directory(path_, error)) {
    fail(path_, ": cannot be made: ", error.message());
  }
  write_file(csv_, csv_record(columns), WriteMode::kOverwrite);
  write_file(path_ / kRun, run, WriteMode::kOverwrite);
}

void RunFolder::go_on(const nlohmann::ordered_json& settings, const Record& columns) {
  const auto run = Config::read(path_ / kRun);
  if (!run.has("settings") || run.json().at("settings") != nlohmann::json(settings)) {
    fail(path_, ": holds another run: ", run.value_or<std::string>("command", "unknown"));
  }
  const auto text = file_bytes(csv_);
  records_ = csv_records(text);
  if (records_.empty() || records_.front() != columns) {
    fail(csv_, ": its first record is not that of this version of the program");
  }
  records_.erase(records_.begin());
  std::string whole = csv_record(columns);
  for (const auto& record : records_) {
    if (record.size() != columns.size()) {
      fail(csv_, ": a record has ", record.size(), " fields; ", columns.size(), " are wanted");
    }
    whole += csv_record(record);
  }
  // Where the last record was cut off, the next one must not stand behind its rest.
  if (whole != text) write_file(csv_, whole, WriteMode::kOverwrite);
}

void RunFolder::add(const Record& record) {
  append(csv_, csv_record(record));
  records_.push_back(record);
}

}  // namespace unclip::lab
