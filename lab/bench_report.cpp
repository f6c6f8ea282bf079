#include <algorithm>
#include <cstdio>
#include <nlohmann/json.hpp>
#include <sstream>

#include "base/config.h"
#include "base/csv.h"
#include "base/json_text.h"
#include "lab/bench.h"

namespace unclip::lab {
namespace {

using nlohmann::ordered_json;

std::string formatted(const char* format, double value) {
  char text[64];
  std::snprintf(text, sizeof text, format, value);
  return text;
}

double operations_a_second(const StageBench& stage) {
  return stage.operations / stage.median_seconds();
}

}  // namespace

std::string as_text(const Bench& bench) {
  std::ostringstream text;
  text << bench.model << " on " << bench.device << ", " << bench.dtype << ", " << bench.threads
       << " threads, " << bench.batch << (bench.batch == 1 ? " picture" : " pictures")
       << " at a time; large products and convolutions reach "
       << formatted("%.0f", bench.peak_operations / 1e9) << " GFLOP/s\n"
       << "stage          load s    first s     step s   spread s     peak MB  GFLOP/step   "
          "GFLOP/s   of peak  evaluations  picture s\n";
  double all = 0;
  for (const auto& stage : bench.stages) {
    char line[200];
    std::snprintf(
        line, sizeof line,
        "%-10s %10.4f %10.4f %10.5f %10.5f %11.0f %11.2f %9.1f %8.0f%% %12lld %10.3f\n",
        stage.stage.c_str(), stage.load_seconds, stage.first_seconds, stage.median_seconds(),
        stage.spread_seconds(), static_cast<double>(stage.peak_bytes) / 1e6, stage.operations / 1e9,
        operations_a_second(stage) / 1e9, 100 * operations_a_second(stage) / bench.peak_operations,
        static_cast<long long>(stage.evaluations), stage.picture_seconds());
    text << line;
    all += stage.picture_seconds();
  }
  for (const auto& stage : bench.stages) {
    for (const auto& refusal : stage.refusals) {
      text << stage.stage << " is not recorded, which takes longer: " << refusal << "\n";
    }
  }
  if (bench.stages.size() > 1) {
    text << "all stages of " << (bench.batch == 1 ? "a picture: " : "a batch: ")
         << formatted("%.3f", all) << " s\n";
  }
  return text.str();
}

std::string as_csv(const Bench& bench) {
  auto text =
      csv_record({"stage", "load_seconds", "first_seconds", "step_seconds", "spread_seconds",
                  "steps", "peak_bytes", "operations_per_step", "evaluations"});
  for (const auto& stage : bench.stages) {
    text +=
        csv_record({stage.stage, csv_number(stage.load_seconds), csv_number(stage.first_seconds),
                    csv_number(stage.median_seconds()), csv_number(stage.spread_seconds()),
                    std::to_string(stage.steps.size()), std::to_string(stage.peak_bytes),
                    formatted("%.0f", stage.operations), std::to_string(stage.evaluations)});
  }
  return text;
}

std::string as_json(const Bench& bench) {
  ordered_json json = {
      {"model", bench.model}, {"device", bench.device},
      {"dtype", bench.dtype}, {"threads", bench.threads},
      {"batch", bench.batch}, {"peak_operations_per_second", bench.peak_operations}};
  auto& stages = json["stages"] = ordered_json::object();
  for (const auto& stage : bench.stages) {
    stages[stage.stage] = {{"load_seconds", stage.load_seconds},
                           {"first_seconds", stage.first_seconds},
                           {"step_seconds", stage.median_seconds()},
                           {"spread_seconds", stage.spread_seconds()},
                           {"steps", stage.steps},
                           {"evaluations", stage.evaluations},
                           {"operations_per_step", stage.operations},
                           {"operations_per_second", operations_a_second(stage)},
                           {"peak_bytes", stage.peak_bytes},
                           {"refusals", stage.refusals}};
  }
  return json_text(json) + "\n";
}

Bench read_bench(const std::filesystem::path& path) {
  const auto config = Config::read(path);
  Bench bench{.model = config.require<std::string>("model"),
              .device = config.require<std::string>("device"),
              .dtype = config.require<std::string>("dtype"),
              .threads = static_cast<int>(config.integer("threads", 1, 1, 1 << 16)),
              .batch = config.integer("batch", 1, 1, 1 << 20)};
  const auto stages = config.json().find("stages");
  if (stages == config.json().end() || !stages->is_object()) {
    config.fail_value("stages", "an object, by the stages' names");
  }
  for (const auto& [name, entry] : stages->items()) {
    if (!entry.is_object()) config.fail_value("stages", "an object for each stage");
    const auto one = Config::parse(entry.dump(), path.string() + ": stages: " + name);
    StageBench read{.stage = name};
    read.load_seconds = one.require<double>("load_seconds");
    read.first_seconds = one.require<double>("first_seconds");
    read.steps = one.require<std::vector<double>>("steps");
    read.evaluations = one.integer("evaluations", 1, 1, 1 << 20);
    read.operations = one.require<double>("operations_per_step");
    read.peak_bytes = one.require<int64_t>("peak_bytes");
    if (read.steps.empty()) one.fail_value("steps", "a list of seconds");
    bench.stages.push_back(std::move(read));
  }
  return bench;
}

std::string compared(const Bench& bench, const Bench& earlier, const std::string& name) {
  std::ostringstream text;
  text << name << " (" << earlier.model << ", " << earlier.dtype << ", " << earlier.threads
       << " threads, batch " << earlier.batch << ") / this; steps by the picture\n"
       << "stage          load    first     step     peak\n";
  const double batches = static_cast<double>(bench.batch) / static_cast<double>(earlier.batch);
  double seconds = 0, earlier_seconds = 0;
  size_t both = 0;
  for (const auto& now : bench.stages) {
    const auto same = std::find_if(earlier.stages.begin(), earlier.stages.end(),
                                   [&](const auto& s) { return s.stage == now.stage; });
    if (same == earlier.stages.end()) continue;
    char line[100];
    std::snprintf(line, sizeof line, "%-10s %7.2fx %7.2fx %7.2fx %7.2fx\n", now.stage.c_str(),
                  same->load_seconds / now.load_seconds, same->first_seconds / now.first_seconds,
                  batches * same->median_seconds() / now.median_seconds(),
                  static_cast<double>(same->peak_bytes) / static_cast<double>(now.peak_bytes));
    text << line;
    seconds += now.picture_seconds();
    earlier_seconds += same->picture_seconds();
    ++both;
  }
  if (both > 1) {
    text << "a picture's steps of these stages: "
         << formatted("%.2fx\n", batches * earlier_seconds / seconds);
  }
  return text.str();
}

}  // namespace unclip::lab
