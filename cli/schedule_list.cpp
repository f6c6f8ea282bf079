#include <nlohmann/json.hpp>
#include <ostream>

#include "cli/deliver.h"
#include "cli/verbs.h"
#include "scheduler/aliases.h"
#include "scheduler/scheduler.h"

namespace unclip::cli {
namespace {

std::string listed(const std::vector<std::string>& names) {
  std::string text;
  for (const auto& name : names) text.append("  ").append(name).append("\n");
  return text;
}

/// The names that every command knows, the keys of samplers, and other programs' names.
std::string catalogue() {
  auto text = "Noise schedules\n" + listed(noise_schedule_names()) + "\nSpacings\n" +
              listed(timestep_spacing_names()) + "\nKeys of every sampler\n";
  for (const auto& [name, value] : common_keys()) {
    text.append("    ").append(name).append("  ").append(value).append("\n");
  }
  text += "\nSamplers, with keys of their own\n";
  for (const auto& name : scheduler_names()) {
    text.append("  ").append(name).append("\n");
    for (const auto& [option, fallback, expected] : sampler_options(name)) {
      text.append("    ").append(option).append("=").append(fallback).append("  ");
      text.append(expected).append("\n");
    }
  }
  text += "\nOther programs' names of samplers\n";
  for (const auto& [name, meaning, source] : sampler_aliases()) {
    text.append("  ").append(name).append("  ").append(meaning).append("\n");
  }
  return text;
}

std::string catalogue_json() {
  nlohmann::ordered_json json = {{"schedules", noise_schedule_names()},
                                 {"spacings", timestep_spacing_names()}};
  for (const auto& [name, value] : common_keys()) json["keys"][name] = value;
  for (const auto& name : scheduler_names()) {
    auto& sampler = json["samplers"][name] = nlohmann::ordered_json::object();
    for (const auto& [option, fallback, expected] : sampler_options(name)) {
      sampler[option] = {{"default", fallback}, {"expected", expected}};
    }
  }
  for (const auto& [name, meaning, source] : sampler_aliases()) {
    json["aliases"][name] = {{"meaning", meaning}, {"source", source}};
  }
  return json.dump() + "\n";
}

void list(const Arguments& arguments, const Streams& streams) {
  if (!arguments.words().empty()) {
    throw UsageError("schedule list: expected no names, got '" + arguments.words().front() + "'");
  }
  deliver(arguments.on("json") ? catalogue_json() : catalogue(), "unclip-schedules.txt", arguments,
          streams);
}

}  // namespace

Verb schedule_list_verb() {
  return {"schedule list",
          "",
          "List schedules, spacings and samplers, with their keys and other names.",
          with_common_flags({output_flag("a file or a folder (default: standard output)")},
                            {"seed", "model", "dtype", "device", "threads"}),
          "  unclip schedule list\n"
          "  unclip schedule list --json\n",
          list};
}

}  // namespace unclip::cli
