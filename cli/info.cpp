#include <nlohmann/json.hpp>
#include <sstream>

#include "base/json_text.h"
#include "cli/deliver.h"
#include "cli/device.h"
#include "cli/find_model.h"
#include "cli/text_table.h"
#include "cli/verbs.h"
#include "engine/abilities.h"
#include "families/registry.h"
#include "kernels/accelerator.h"
#include "weights/model_dir.h"

namespace unclip::cli {
namespace {

using nlohmann::ordered_json;

struct ModelReport {
  const ModelDir& model;
  std::vector<PartInfo> parts;
  Abilities abilities;
  int64_t bytes_per_parameter;  // in memory
  at::Device device;

  int64_t parameters() const {
    int64_t sum = 0;
    for (const auto& part : parts) sum += part.parameters;
    return sum;
  }
};

std::string dtypes_text(const PartInfo& part) {
  std::string text;
  for (const auto& [dtype, numbers] : part.dtypes) text += (text.empty() ? "" : " ") + dtype;
  return text.empty() ? "-" : text;
}

std::string yes_or_no(const std::string& obstacle) {
  return obstacle.empty() ? "yes" : "no: " + on_one_line(obstacle);
}

std::string size_text(const ImageSize& size) {
  return std::to_string(size.width) + "x" + std::to_string(size.height);
}

std::string tasks_text(const Abilities& abilities) {
  const auto& sizes = abilities.sizes;
  std::ostringstream text;
  for (const auto& [task, obstacle] : abilities.results) {
    text << padded(task->about, 27) << yes_or_no(obstacle);
    if (obstacle.empty() && task->needs.decoder) {
      text << ", " << size_text(sizes.image) << " pixels";
      if (sizes.decoder != sizes.image) text << " from " << size_text(sizes.decoder);
      if (sizes.multiple > 0) text << ", or other multiples of " << sizes.multiple;
    }
    text << "\n";
  }
  return text.str();
}

std::string parts_text(const std::vector<PartInfo>& parts) {
  std::ostringstream text;
  text << padded("part", 20) << padded("class", 30) << padded("size", 9) << padded("parameters", 10)
       << padded("dtype", 8) << padded("format", 11) << "can run\n";
  for (const auto& part : parts) {
    text << padded(part.name, 20) << padded(part.class_name.empty() ? "-" : part.class_name, 30)
         << padded(with_unit(static_cast<double>(part.bytes), "B"), 9)
         << padded(with_unit(static_cast<double>(part.parameters), ""), 10)
         << padded(dtypes_text(part), 8) << padded(part.format.empty() ? "-" : part.format, 11)
         << yes_or_no(part.need) << "\n";
  }
  return text.str();
}

/// The kernels that a GPU runs; empty for a processor.
std::string device_text(at::Device device) {
  if (device.is_cpu()) return {};
  return "on " + device.str() +
         (accelerator(device) != nullptr
              ? ", by unclip's own kernels\n"
              : ", only by libtorch's kernels: libunclip_cuda.so is missing\n");
}

/// "knows 3 words: a red fox"; nothing for a model that takes any word.
std::string words_text(const std::vector<std::string>& words) {
  if (words.empty()) return {};
  std::ostringstream text;
  text << "\nknows " << words.size() << " words:";
  for (const auto& word : words) text << " " << word;
  text << "\n";
  return text.str();
}

/// "steps 25 prior, 25 decoder; guidance 4 prior, 8 decoder, 8 mix"
std::string defaults_text(const ModelDefaults& defaults) {
  std::ostringstream text;
  text << "steps ";
  for (const auto& stage : defaults.stages) {
    text << (&stage == &defaults.stages.front() ? "" : ", ") << stage.steps << " " << stage.label;
  }
  text << "; guidance ";
  for (const auto& stage : defaults.stages) {
    if (stage.guided()) text << stage.guidance << " " << stage.label << ", ";
  }
  text << defaults.mix_guidance << " mix";
  return text.str();
}

constexpr std::pair<std::string_view, int64_t> kMemoryTypes[] = {
    {"float32", 4}, {"bfloat16", 2}, {"float16", 2}};

/// "30.8 MB of memory in float32, 15.4 MB in bfloat16 or float16"
std::string memory_text(double parameters) {
  return with_unit(4 * parameters, "B") + " of memory in float32, " +
         with_unit(2 * parameters, "B") + " in bfloat16 or float16";
}

/// The same for each type.
ordered_json memory_json(int64_t parameters) {
  ordered_json json;
  for (const auto& [type, bytes] : kMemoryTypes) json[std::string(type)] = bytes * parameters;
  return json;
}

std::string report_text(const ModelReport& report) {
  const auto& defaults = report.model.defaults();
  double bytes = 0;
  for (const auto& part : report.parts) bytes += static_cast<double>(part.bytes);
  const auto parameters = static_cast<double>(report.parameters());
  std::ostringstream text;
  text << defaults.name << "  " << report.model.path().string() << "\n\n"
       << tasks_text(report.abilities) << "\n"
       << defaults_text(defaults) << "\n\n"
       << parts_text(report.parts) << "\ntogether " << with_unit(bytes, "B") << ", "
       << with_unit(parameters, "") << " parameters, which take " << memory_text(parameters) << "\n"
       << device_text(report.device) << words_text(defaults.known_words);
  return text.str();
}

ordered_json part_json(const PartInfo& part, int64_t bytes_per_parameter) {
  auto files = ordered_json::array();
  for (const auto& [path, bytes] : part.files) {
    files.push_back({{"path", path.string()}, {"bytes", bytes}});
  }
  return {{"name", part.name},
          {"class", part.class_name},
          {"folder", part.folder.string()},
          {"bytes", part.bytes},
          {"parameters", part.parameters},
          {"memory_bytes", part.parameters * bytes_per_parameter},
          {"dtypes", part.dtypes},
          {"format", part.format},
          {"memory_bytes_by_type", memory_json(part.parameters)},
          {"can_run", part.need.empty()},
          {"need", part.need},
          {"files", files}};
}

ordered_json report_json(const ModelReport& report) {
  const auto& defaults = report.model.defaults();
  const auto& abilities = report.abilities;
  auto parts = ordered_json::array(), tasks = ordered_json::array();
  for (const auto& part : report.parts) {
    parts.push_back(part_json(part, report.bytes_per_parameter));
  }
  for (const auto& [task, obstacle] : abilities.results) {
    tasks.push_back({{"name", task->name}, {"can_run", obstacle.empty()}, {"need", obstacle}});
  }
  ordered_json json = {{"name", defaults.name},
                       {"path", report.model.path().string()},
                       {"can_run", abilities.main_obstacle.empty()},
                       {"need", abilities.main_obstacle},
                       {"tasks", tasks},
                       {"width", abilities.sizes.image.width},
                       {"height", abilities.sizes.image.height},
                       {"decoder_width", abilities.sizes.decoder.width},
                       {"decoder_height", abilities.sizes.decoder.height},
                       {"size_multiple", abilities.sizes.multiple}};
  for (const auto& stage : defaults.stages) json[stage.key() + "_steps"] = stage.steps;
  for (const auto& stage : defaults.stages) {
    if (stage.guided()) json[stage.key() + "_guidance"] = stage.guidance;
  }
  json["mix_guidance"] = defaults.mix_guidance;
  json["known_words"] = defaults.known_words;
  json["parameters"] = report.parameters();
  json["memory_bytes"] = report.parameters() * report.bytes_per_parameter;
  json["memory_bytes_by_type"] = memory_json(report.parameters());
  json["device"] = report.device.str();
  json["cuda_plug_in"] = accelerator(report.device) != nullptr;
  json["parts"] = parts;
  return json;
}

void info(const Arguments& arguments, const Streams& streams) {
  if (arguments.words().size() > 1) {
    throw UsageError("info: expected one folder, got a second one, '" + arguments.words()[1] + "'");
  }
  const auto device = open_device(arguments);  // throws if there is no such device
  const auto folder =
      arguments.words().empty() ? arguments.text("model") : arguments.words().front();
  const auto model = open_model_dir(find_model(folder), borrowed_parts(arguments));
  const ModelReport report{
      .model = model,
      .parts = check_parts(model),
      .abilities = find_abilities(model),
      .bytes_per_parameter = static_cast<int64_t>(c10::elementSize(chosen_dtype(arguments))),
      .device = device};
  if (arguments.on("json")) {
    deliver(json_text(report_json(report)) + "\n", "unclip-info.json", arguments, streams);
  } else {
    deliver(report_text(report), "unclip-info.txt", arguments, streams);
  }
  const auto& obstacle = report.abilities.main_obstacle;
  if (!obstacle.empty()) fail(model.defaults().name, " cannot run: ", obstacle);
}

}  // namespace

Verb info_verb() {
  return {
      "info",
      "[MODEL]",
      "Show what a model can do and holds, and check that it can run.",
      with_common_flags({output_flag("a file or a folder (default: standard output)"), part_flag()},
                        {"seed"}),
      "  unclip info\n"
      "  unclip info ~/models/karlo --part prior=$HOME/models/karlo-alpha --dtype bfloat16\n"
      "  unclip info kakaobrain/karlo-v1-alpha --json\n",
      info};
}

}  // namespace unclip::cli
