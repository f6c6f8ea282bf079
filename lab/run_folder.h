#pragma once

#include <filesystem>
#include <memory>
#include <nlohmann/json_fwd.hpp>
#include <string>
#include <vector>

namespace unclip::lab {

/// A folder that a long run fills, and goes on filling after it was stopped:
///   run.json     the command, and all that the results depend on
///   NAME.csv     a record for each result, written as soon as it is there
///   pictures/    and what else the run puts there
class RunFolder {
 public:
  using Record = std::vector<std::string>;

  /// Makes the folder, or opens it as an earlier run with the same `settings` and `columns` left
  /// it. Settings that `growing` names are lists or objects, to which a later run may add: run.json
  /// then has the earlier elements, and the new ones after them; a key keeps its value. Throws
  /// Error if the folder holds a run with other settings, each of which the message names with both
  /// values; if it holds other files than a run's; or if it cannot be written.
  RunFolder(const std::filesystem::path& path, const std::string& name, const std::string& command,
            const nlohmann::ordered_json& settings, const Record& columns,
            const std::vector<std::string>& growing = {});

  /// The settings in run.json, with all that the earlier runs added.
  const nlohmann::ordered_json& settings() const { return *settings_; }

  /// What was done, in the order of doing, each as many fields as there are columns.
  const std::vector<Record>& records() const { return records_; }
  /// Writes a result down, to the disk.
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
