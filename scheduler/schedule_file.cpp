#include "scheduler/schedule_file.h"

#include <algorithm>
#include <charconv>
#include <nlohmann/json.hpp>
#include <sstream>

#include "core/error.h"
#include "core/file_bytes.h"

namespace unclip {
namespace {

constexpr size_t kMostTimesteps = 1'000'000;

const std::vector<std::string> kAlphaBarNames = {"alpha_bar", "alpha_bars"};
const std::vector<std::string> kBetaNames = {"beta", "betas"};

bool is_one_of(const std::string& name, const std::vector<std::string>& names) {
  return std::find(names.begin(), names.end(), name) != names.end();
}

std::vector<std::string> cells_of(std::string line) {
  if (!line.empty() && line.back() == '\r') line.pop_back();
  std::vector<std::string> cells;
  std::istringstream rest(line);
  for (std::string cell; std::getline(rest, cell, ',');) {
    cell.erase(0, cell.find_first_not_of(" \t\""));
    cell.erase(cell.find_last_not_of(" \t\"") + 1);
    cells.push_back(cell);
  }
  return cells;
}

double number_of(const std::string& cell, const std::string& where) {
  double value = 0;
  const auto* end = cell.data() + cell.size();
  const auto [rest, error] = std::from_chars(cell.data(), end, value);
  if (error != std::errc() || rest != end) fail(where, " is '", cell, "'; a number is wanted");
  return value;
}

NoiseSchedule schedule_of_csv(const std::string& text, const std::string& name) {
  std::istringstream lines(text);
  std::string line;
  std::getline(lines, line);
  if (line.starts_with("\xEF\xBB\xBF")) line.erase(0, 3);  // a spreadsheet's mark of UTF-8
  const auto head = cells_of(line);
  const auto find = [&](const std::vector<std::string>& names) {
    return std::find_if(head.begin(), head.end(),
                        [&](auto& cell) { return is_one_of(cell, names); });
  };
  auto column = find(kAlphaBarNames);
  const bool bars = column != head.end();
  if (!bars) column = find(kBetaNames);
  if (column == head.end()) {
    fail(name, ": its first line names no column 'beta' or 'alpha_bar'");
  }
  const auto index = static_cast<size_t>(column - head.begin());
  std::vector<double> values;
  for (size_t number = 2; std::getline(lines, line); ++number) {
    if (line.find_first_not_of(" \t\r") == line.npos) continue;
    const auto where = name + ": '" + *column + "' in line " + std::to_string(number);
    const auto cells = cells_of(line);
    if (index >= cells.size()) fail(where, " is missing");
    if (values.size() == kMostTimesteps) fail(name, ": has more than ", kMostTimesteps, " rows");
    values.push_back(number_of(cells[index], where));
  }
  return bars ? schedule_of_alpha_bars(values, name) : schedule_of_betas(values, name);
}

NoiseSchedule schedule_of_json(const std::string& text, const std::string& name) {
  const auto json = nlohmann::json::parse(text, nullptr, /*allow_exceptions=*/false);
  if (json.is_discarded()) fail(name, ": is no JSON");
  const auto* array = &json;
  bool bars = false;
  if (json.is_object()) {
    array = nullptr;
    for (const auto* names : {&kAlphaBarNames, &kBetaNames}) {
      for (const auto& key : *names) {
        if (array != nullptr || !json.contains(key)) continue;
        array = &json.at(key);
        bars = names == &kAlphaBarNames;
      }
    }
    if (array == nullptr) fail(name, ": has no array 'beta' or 'alpha_bar'");
  }
  if (!array->is_array()) fail(name, ": an array of numbers is wanted");
  if (array->size() > kMostTimesteps) fail(name, ": has more than ", kMostTimesteps, " numbers");
  std::vector<double> values;
  for (const auto& value : *array) {
    if (!value.is_number()) fail(name, ": holds what is no number; numbers alone are wanted");
    values.push_back(value.get<double>());
  }
  return bars ? schedule_of_alpha_bars(values, name) : schedule_of_betas(values, name);
}

}  // namespace

NoiseSchedule read_schedule(const std::filesystem::path& path) {
  const auto name = path.string();
  if (path.extension() == ".csv") return schedule_of_csv(file_bytes(path), name);
  if (path.extension() == ".json") return schedule_of_json(file_bytes(path), name);
  fail("a schedule's file is '", name, "'; a name that ends in .csv or .json is wanted");
}

}  // namespace unclip
