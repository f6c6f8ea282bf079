#pragma once

#include <filesystem>
#include <memory>
#include <nlohmann/json_fwd.hpp>
#include <string>
#include <vector>

namespace unclip::lab {

/// The folder of a long run, which can be stopped and continued:
///   run.json     the command, and everything that the results depend on
///   NAME.csv     a record for each result, written as soon as the result exists
///   pictures/    and other files of the run
class RunFolder {
 public:
  using Record = std::vector<std::string>;

  /// Makes the folder, or opens that of an earlier run with the same `settings` and `columns`.
  /// Settings named in `growing` are lists, to which a later run may add: run.json then has the
  /// earlier elements, followed by the new ones. Throws Error if the folder holds a run with other
  /// settings (the message names each of them with both values), if it holds files that are not a
  /// run's, or if it cannot be written.
  RunFolder(const std::filesystem::path& path, const std::string& name, const std::string& command,
            const nlohmann::ordered_json& settings, const Record& columns,
            const std::vector<std::string>& growing = {});

  /// The settings in run.json, with everything that earlier runs added.
  const nlohmann::ordered_json& settings() const { return *settings_; }

  /// All results so far, in the order in which they were added. Each has one field per column.
  const std::vector<Record>& records() const { return records_; }
  /// Adds a result, and flushes it to the disk.
  void add(const Record& record);

  std::filesystem::path operator/(const std::string& name) const { return path_ / name; }

 private:
  void begin(const std::string& run, const Record& columns) const;
  void go_on(const std::string& command, const std::vector<std::string>& growing);
  void read_records(const Record& columns);

  std::filesystem::path path_, csv_;
  std::vector<Record> records_;
  std::shared_ptr<nlohmann::ordered_json> settings_;
};

}  // namespace unclip::lab
