#include "scheduler/schedule_file.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <nlohmann/json.hpp>
#include <optional>
#include <sstream>

#include "base/error.h"
#include "base/file_bytes.h"
#include "base/parse_number.h"
#include "scheduler/noise_level.h"

namespace unclip {
namespace {

constexpr size_t kMostTimesteps = 1'000'000;
constexpr auto kExpected = "alphas_cumprod, alpha_bar, sigma or beta";

enum class Quantity { kAlphaBar, kSigma, kBeta };
struct Column {
  const char* name;
  Quantity quantity;
};
constexpr std::array kColumns = {
    Column{"alphas_cumprod", Quantity::kAlphaBar},
    Column{"alpha_bar", Quantity::kAlphaBar},
    Column{"alpha_bars", Quantity::kAlphaBar},
    Column{"sigma", Quantity::kSigma},
    Column{"sigmas", Quantity::kSigma},
    Column{"beta", Quantity::kBeta},
    Column{"betas", Quantity::kBeta},
};

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

double number_of(const std::string& cell, const std::string& place) {
  const auto value = parse_number<double>(cell);
  if (!value) fail(place, ": expected a number, got '", cell, "'");
  return *value;
}

ScheduleChoice choice_of(Quantity quantity, std::vector<double> values, const std::string& name) {
  if (values.size() > kMostTimesteps) {
    fail(name, ": expected at most ", kMostTimesteps, " timesteps, got more");
  }
  if (quantity == Quantity::kSigma) {
    for (size_t t = 0; t < values.size(); ++t) {
      if (!(values[t] > 0)) {
        fail(name, ": sigma ", t, ": expected a number above 0, got ", values[t]);
      }
      values[t] = alpha_bar_of_ratio(values[t]);
    }
  }
  // `schedule show` writes the noisiest timestep first.
  if (quantity != Quantity::kBeta && values.size() > 1 && values.front() < values.back()) {
    std::reverse(values.begin(), values.end());
  }
  return {.numbers = std::move(values), .is_alpha_bar = quantity != Quantity::kBeta};
}

}  // namespace

ScheduleChoice parse_schedule_csv(std::string_view text, const std::string& name) {
  std::istringstream lines{std::string(text)};
  std::string line;
  std::getline(lines, line);
  if (line.starts_with("\xEF\xBB\xBF")) line.erase(0, 3);  // a spreadsheet's byte order mark
  const auto head = cells_of(line);
  for (const auto& column : kColumns) {
    const auto cell = std::find(head.begin(), head.end(), column.name);
    if (cell == head.end()) continue;
    const auto index = static_cast<size_t>(cell - head.begin());
    std::vector<double> values;
    for (size_t number = 2; std::getline(lines, line); ++number) {
      if (line.find_first_not_of(" \t\r") == line.npos) continue;
      const auto place = name + ": line " + std::to_string(number) + ", '" + *cell + "'";
      const auto cells = cells_of(line);
      if (index >= cells.size()) fail(place, ": expected a number, got nothing");
      if (values.size() > kMostTimesteps) break;
      values.push_back(number_of(cells[index], place));
    }
    return choice_of(column.quantity, std::move(values), name);
  }
  fail(name, ": expected a column ", kExpected, " in the first line, got none of them");
}

ScheduleChoice parse_schedule_json(std::string_view text, const std::string& name) {
  const auto json = nlohmann::json::parse(text, nullptr, /*allow_exceptions=*/false);
  if (json.is_discarded()) fail(name, ": expected JSON, got something else");
  const auto* array = &json;
  auto quantity = Quantity::kBeta;
  if (json.is_object()) {
    const auto* column = std::find_if(kColumns.begin(), kColumns.end(),
                                      [&](const Column& c) { return json.contains(c.name); });
    if (column == kColumns.end()) {
      fail(name, ": expected an array ", kExpected, ", got none of them");
    }
    array = &json.at(column->name);
    quantity = column->quantity;
  }
  if (!array->is_array()) {
    fail(name, ": expected an array of numbers, got ", array->type_name());
  }
  std::vector<double> values;
  for (const auto& value : *array) {
    if (!value.is_number()) fail(name, ": expected numbers, got ", value.type_name());
    if (values.size() > kMostTimesteps) break;
    values.push_back(value.get<double>());
  }
  return choice_of(quantity, std::move(values), name);
}

ScheduleChoice read_schedule_numbers(const std::filesystem::path& path) {
  const auto name = path.string();
  std::optional<ScheduleChoice> choice;
  if (path.extension() == ".csv") choice = parse_schedule_csv(file_bytes(path), name);
  if (path.extension() == ".json") choice = parse_schedule_json(file_bytes(path), name);
  if (!choice) fail("schedule file: expected a name that ends in .csv or .json, got '", name, "'");
  schedule_of_numbers(*choice, name);
  return *choice;
}

NoiseSchedule schedule_of_numbers(const ScheduleChoice& choice, const std::string& name) {
  return choice.is_alpha_bar ? schedule_of_alpha_bars(choice.numbers, name)
                             : schedule_of_betas(choice.numbers, name);
}

NoiseSchedule read_schedule(const std::filesystem::path& path) {
  return schedule_of_numbers(read_schedule_numbers(path), path.string());
}

}  // namespace unclip
