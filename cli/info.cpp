#include <algorithm>
#include <cstdio>
#include <nlohmann/json.hpp>
#include <ostream>
#include <sstream>

#include "cli/deliver.h"
#include "cli/device.h"
#include "cli/find_model.h"
#include "cli/verbs.h"
#include "core/accelerator.h"
#include "weights/model_dir.h"
#include "weights/model_info.h"

namespace unclip::cli {
namespace {

using nlohmann::ordered_json;

constexpr auto kReplace = ordered_json::error_handler_t::replace;

/// 12345678 -> "12.3 M"
std::string with_unit(double value, const char* unit) {
  const char* prefix = "";
  for (const auto* next : {"k", "M", "G"}) {
    if (value < 1000) break;
    value /= 1000;
    prefix = next;
  }
  char text[50];
  std::snprintf(text, sizeof text, *prefix ? "%.1f %s%s" : "%.0f %s%s", value, prefix, unit);
  return text;
}

std::string dtypes_text(const PartInfo& part) {
  std::string text;
  for (const auto& [dtype, numbers] : part.dtypes) text += (text.empty() ? "" : " ") + dtype;
  return text.empty() ? "-" : text;
}

std::string padded(std::string text, size_t width) {
  text.resize(std::max(text.size(), width), ' ');
  return text + "  ";
}

int64_t parameters_of(const std::vector<PartInfo>& parts) {
  int64_t sum = 0;
  for (const auto& part : parts) sum += part.parameters;
  return sum;
}

std::string report(const ModelDir& model, const std::vector<PartInfo>& parts, int64_t width) {
  const auto& defaults = model.defaults();
  std::ostringstream text;
  text << defaults.name << "  " << model.path().string() << "\n"
       << "steps " << defaults.prior_steps << " prior, " << defaults.decoder_steps << " decoder, "
       << defaults.super_res_steps << " super-resolution; guidance " << defaults.prior_guidance
       << " prior, " << defaults.decoder_guidance << " decoder, " << defaults.mix_guidance
       << " mix\n\n"
       << padded("part", 20) << padded("class", 30) << padded("size", 9) << padded("parameters", 10)
       << padded("dtype", 8) << "can run\n";
  uint64_t bytes = 0;
  for (const auto& part : parts) {
    bytes += part.bytes;
    text << padded(part.name, 20) << padded(part.class_name.empty() ? "-" : part.class_name, 30)
         << padded(with_unit(static_cast<double>(part.bytes), "B"), 9)
         << padded(with_unit(static_cast<double>(part.parameters), ""), 10)
         << padded(dtypes_text(part), 8) << (part.need.empty() ? "yes" : "no: " + part.need)
         << "\n";
  }
  const auto parameters = static_cast<double>(parameters_of(parts));
  text << "\ntogether " << with_unit(static_cast<double>(bytes), "B") << ", "
       << with_unit(parameters, "") << " parameters, which take "
       << with_unit(parameters * static_cast<double>(width), "B") << " of memory\n";
  return text.str();
}

ordered_json part_json(const PartInfo& part, int64_t width) {
  auto files = ordered_json::array();
  for (const auto& [path, bytes] : part.files) {
    files.push_back({{"path", path.string()}, {"bytes", bytes}});
  }
  return {{"name", part.name},
          {"class", part.class_name},
          {"folder", part.folder.string()},
          {"bytes", part.bytes},
          {"parameters", part.parameters},
          {"memory_bytes", part.parameters * width},
          {"dtypes", part.dtypes},
          {"can_run", part.need.empty()},
          {"need", part.need},
          {"files", files}};
}

ordered_json report_json(const ModelDir& model, const std::vector<PartInfo>& parts, int64_t width,
                         at::Device device) {
  const auto& defaults = model.defaults();
  auto parts_json = ordered_json::array();
  for (const auto& part : parts) parts_json.push_back(part_json(part, width));
  return {{"name", defaults.name},
          {"path", model.path().string()},
          {"prior_steps", defaults.prior_steps},
          {"decoder_steps", defaults.decoder_steps},
          {"super_res_steps", defaults.super_res_steps},
          {"prior_guidance", defaults.prior_guidance},
          {"decoder_guidance", defaults.decoder_guidance},
          {"mix_guidance", defaults.mix_guidance},
          {"known_words", defaults.known_words},
          {"parameters", parameters_of(parts)},
          {"memory_bytes", parameters_of(parts) * width},
          {"device", device.str()},
          {"cuda_plug_in", accelerator(device) != nullptr},
          {"parts", parts_json}};
}

/// Of a GPU, whose kernels run there; else nothing.
std::string device_line(at::Device device) {
  if (device.is_cpu()) return {};
  return "on " + device.str() +
         (accelerator(device) != nullptr
              ? ", by unclip's own kernels\n"
              : ", by libtorch's kernels alone: libunclip_cuda.so is not there\n");
}

void info(const Arguments& arguments, const Streams& streams) {
  if (arguments.words().size() > 1) {
    throw UsageError("'" + arguments.words()[1] + "' is a second folder; info takes one");
  }
  const auto device = open_device(arguments);  // to tell whether it is there
  const auto width = static_cast<int64_t>(c10::elementSize(chosen_dtype(arguments)));
  const auto folder =
      arguments.words().empty() ? arguments.text("model") : arguments.words().front();
  const auto model = ModelDir::open(find_model(folder), borrowed_parts(arguments));
  const auto parts = part_infos(model);
  const auto text =
      arguments.on("json")
          ? report_json(model, parts, width, device).dump(-1, ' ', false, kReplace) + "\n"
          : report(model, parts, width) + device_line(device);
  deliver(text, arguments.on("json") ? "unclip-info.json" : "unclip-info.txt", arguments, streams);
}

}  // namespace

Verb info_verb() {
  return {"info",
          "[DIR]",
          "Tells what a model folder holds, and whether it can run.",
          with_common_flags(
              {output_flag("a FILE, or a DIR (default: standard output)"), part_flag()}, {"seed"}),
          "  unclip info\n"
          "  unclip info ~/models/karlo --part prior=$HOME/models/karlo-alpha --dtype bfloat16\n"
          "  unclip info ~/models/karlo --json\n",
          info};
}

}  // namespace unclip::cli
