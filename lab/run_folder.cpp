#include "lab/run_folder.h"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <set>

#include "base/config.h"
#include "base/csv.h"
#include "base/file_bytes.h"
#include "base/write_file.h"

namespace unclip::lab {
namespace {

namespace fs = std::filesystem;

constexpr auto kRun = "run.json";

std::string run_text(const std::string& command, const nlohmann::ordered_json& settings) {
  const nlohmann::ordered_json run = {{"command", command}, {"settings", settings}};
  return run.dump(2, ' ', false, nlohmann::json::error_handler_t::replace) + "\n";
}

/// The value of a setting, for a message.
std::string shown(const nlohmann::json& settings, const std::string& key) {
  constexpr size_t kMost = 60;
  if (!settings.contains(key)) return "nothing";
  auto text = settings.at(key).dump(-1, ' ', true, nlohmann::json::error_handler_t::replace);
  if (text.size() > kMost) text.replace(kMost, text.npos, "...");
  return text;
}

/// The same of an object that may grow: of its keys that both have with other values.
std::string conflicts(const nlohmann::json& earlier, const nlohmann::json& later,
                      const std::string& key, bool first) {
  std::string text;
  if (!earlier.contains(key) || !later.contains(key)) return text;
  const auto &before = earlier.at(key), &now = later.at(key);
  if (!before.is_object() || !now.is_object()) return text;
  for (const auto& [name, value] : now.items()) {
    if (!before.contains(name) || before.at(name) == value) continue;
    text.append(first && text.empty() ? "'" : ", '").append(key).append("' of '").append(name);
    text.append("' is ").append(shown(before, name)).append(" there and ");
    text.append(shown(now, name)).append(" here");
  }
  return text;
}

/// "'seed' is 0 there and 3 here, ..." of all keys but those that may grow.
std::string differences(const nlohmann::json& earlier, const nlohmann::json& later,
                        const std::vector<std::string>& growing) {
  std::set<std::string> keys;
  for (const auto* settings : {&earlier, &later}) {
    for (const auto& [key, value] : settings->items()) keys.insert(key);
  }
  std::string text;
  for (const auto& key : keys) {
    if (std::find(growing.begin(), growing.end(), key) != growing.end()) {
      text += conflicts(earlier, later, key, text.empty());
      continue;
    }
    if (earlier.contains(key) && later.contains(key) && earlier.at(key) == later.at(key)) continue;
    text.append(text.empty() ? "'" : ", '").append(key).append("' is ").append(shown(earlier, key));
    text.append(" there and ").append(shown(later, key)).append(" here");
  }
  return text;
}

}  // namespace

RunFolder::RunFolder(const fs::path& path, const std::string& name, const std::string& command,
                     const nlohmann::ordered_json& settings, const Record& columns,
                     const std::vector<std::string>& growing)
    : path_(path.has_filename() ? path : path.parent_path()),
      csv_(path_ / (name + ".csv")),
      settings_(std::make_shared<nlohmann::ordered_json>(settings)) {
  std::error_code error;
  if (fs::exists(path_ / kRun, error)) {
    go_on(command, growing);
    read_records(columns);
  } else {
    begin(run_text(command, settings), columns);
  }
  fs::create_directory(path_ / "pictures", error);
  if (error) fail(path_ / "pictures", ": cannot be made: ", error.message());
}

void RunFolder::begin(const std::string& run, const Record& columns) const {
  std::error_code error;
  if (fs::exists(path_, error)) {
    if (!fs::is_directory(path_, error)) fail(path_, ": expected a folder, got a file");
    for (const auto& entry : fs::directory_iterator(path_, error)) {
      if (entry.path().filename().string().starts_with(".unclip-")) continue;  // of a stopped run
      fail(path_, ": expected an empty folder, or one with the ", kRun, " of an earlier run");
    }
  } else if (!path_.parent_path().empty() && !fs::is_directory(path_.parent_path(), error)) {
    fail(path_, ": cannot be made: there is no folder ", path_.parent_path());
  } else if (!fs::create_directory(path_, error)) {
    fail(path_, ": cannot be made: ", error.message());
  }
  write_file(path_ / kRun, run, WriteMode::kOverwrite);
  write_file(csv_, csv_record(columns), WriteMode::kOverwrite);
}

void RunFolder::go_on(const std::string& command, const std::vector<std::string>& growing) {
  const auto run = Config::read(path_ / kRun);
  if (!run.has("settings") || !run.json().at("settings").is_object()) {
    fail(path_ / kRun, ": expected an object 'settings', got none");
  }
  const auto& earlier = run.json().at("settings");
  if (const auto difference = differences(earlier, *settings_, growing); !difference.empty()) {
    fail(path_, ": holds another run: ", run.value_or<std::string>("command", "unknown"), "; ",
         difference, "; expected the same settings, or another folder");
  }
  bool grew = false;
  for (const auto& key : growing) {
    auto& list = settings_->at(key);
    if (list.is_object()) {
      auto merged = nlohmann::ordered_json::object();
      if (earlier.contains(key) && earlier.at(key).is_object()) merged = earlier.at(key);
      const auto before = merged.size();
      for (const auto& [name, value] : list.items()) merged[name] = value;
      grew = grew || merged.size() > before;
      list = std::move(merged);
      continue;
    }
    auto merged = nlohmann::ordered_json::array();
    if (earlier.contains(key) && earlier.at(key).is_array()) merged = earlier.at(key);
    const auto before = merged.size();
    for (const auto& each : list) {
      if (std::find(merged.begin(), merged.end(), each) == merged.end()) merged.push_back(each);
    }
    grew = grew || merged.size() > before;
    list = std::move(merged);
  }
  if (grew) write_file(path_ / kRun, run_text(command, *settings_), WriteMode::kOverwrite);
}

void RunFolder::read_records(const Record& columns) {
  std::error_code error;
  if (!fs::exists(csv_, error) || fs::is_empty(csv_, error)) {  // stopped between the two files
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
      fail(csv_, ": expected records of ", columns.size(), " fields, got one of ", record.size());
    }
    whole += csv_record(record);
  }
  // If the last record was cut off, remove its rest before the next one is added.
  if (whole != text) write_file(csv_, whole, WriteMode::kOverwrite);
}

void RunFolder::add(const Record& record) {
  append_to_file(csv_, csv_record(record));
  records_.push_back(record);
}

}  // namespace unclip::lab
