#include "lab/run_folder.h"

#include <nlohmann/json.hpp>

#include "core/config.h"
#include "core/csv.h"
#include "core/file_bytes.h"
#include "image/write_file.h"

namespace unclip::lab {
namespace {

namespace fs = std::filesystem;

constexpr auto kRun = "run.json";

}  // namespace

RunFolder::RunFolder(const fs::path& path, const std::string& name, const std::string& command,
                     const nlohmann::ordered_json& settings, const Record& columns)
    : path_(path.has_filename() ? path : path.parent_path()), csv_(path_ / (name + ".csv")) {
  std::error_code error;
  if (fs::exists(path_ / kRun, error)) {
    go_on(settings, columns);
  } else {
    const nlohmann::ordered_json run = {{"command", command}, {"settings", settings}};
    begin(run.dump(2, ' ', false, nlohmann::json::error_handler_t::replace) + "\n", columns);
  }
  fs::create_directory(path_ / "pictures", error);
  if (error) fail(path_ / "pictures", ": cannot be made: ", error.message());
}

void RunFolder::begin(const std::string& run, const Record& columns) const {
  std::error_code error;
  if (fs::exists(path_, error)) {
    if (!fs::is_directory(path_, error)) fail(path_, ": is no folder");
    for (const auto& entry : fs::directory_iterator(path_, error)) {
      if (entry.path().filename().string().starts_with(".unclip-")) continue;  // of a stopped run
      fail(path_, ": is no empty folder, and holds no ", kRun, " of an earlier run");
    }
  } else if (!path_.parent_path().empty() && !fs::is_directory(path_.parent_path(), error)) {
    fail(path_, ": cannot be made: there is no folder ", path_.parent_path());
  } else if (!fs::create_directory(path_, error)) {
    fail(path_, ": cannot be made: ", error.message());
  }
  write_file(path_ / kRun, run, WriteMode::kOverwrite);
  write_file(csv_, csv_record(columns), WriteMode::kOverwrite);
}

void RunFolder::go_on(const nlohmann::ordered_json& settings, const Record& columns) {
  const auto run = Config::read(path_ / kRun);
  if (!run.has("settings") || run.json().at("settings") != nlohmann::json(settings)) {
    fail(path_, ": holds another run: ", run.value_or<std::string>("command", "unknown"),
         "; another folder is wanted");
  }
  std::error_code error;
  if (!fs::exists(csv_, error) || fs::is_empty(csv_, error)) {  // stopped between the two
    write_file(csv_, csv_record(columns), WriteMode::kOverwrite);
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
  append_to_file(csv_, csv_record(record));
  records_.push_back(record);
}

}  // namespace unclip::lab
