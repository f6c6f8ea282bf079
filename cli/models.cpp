#include <algorithm>
#include <nlohmann/json.hpp>
#include <sstream>

#include "base/error.h"
#include "base/join.h"
#include "base/json_text.h"
#include "cli/deliver.h"
#include "cli/shipped_models.h"
#include "cli/text_table.h"
#include "cli/verbs.h"
#include "engine/abilities.h"
#include "families/registry.h"
#include "weights/hub_cache.h"
#include "weights/model_dir.h"
#include "weights/model_info.h"

namespace unclip::cli {
namespace {

namespace fs = std::filesystem;
using nlohmann::ordered_json;

struct ListedModel {
  std::string name;    // that --model takes
  std::string source;  // "shipped" or "hub cache"
  fs::path folder;
  uint64_t bytes = 0;
  std::vector<std::string> tasks;  // that it can do
  ImageSize size;                  // of its images; zeros: it paints none
  std::string obstacle;            // empty: it can run
};

ListedModel examine(const std::string& name, const std::string& source, const fs::path& folder) {
  ListedModel listed{.name = name, .source = source, .folder = folder, .tasks = {}, .obstacle = {}};
  try {
    const auto model = open_model_dir(folder);
    for (const auto& part : part_infos(model)) listed.bytes += part.bytes;
    const auto abilities = find_abilities(model);
    for (const auto& [task, obstacle] : abilities.results) {
      if (obstacle.empty()) listed.tasks.emplace_back(task->name);
    }
    listed.size = abilities.sizes.image;
    listed.obstacle = abilities.main_obstacle;
  } catch (const Error& error) {
    listed.obstacle = error.what();
  }
  return listed;
}

/// Whether the folder is a diffusers pipeline, be it with an index that is a link to nothing. The
/// hub's cache also holds language models, and others.
bool has_index(const fs::path& folder) {
  std::error_code error;
  return fs::exists(fs::symlink_status(folder / "model_index.json", error));
}

std::vector<ListedModel> list_models(const HubCache& cache, int64_t& others) {
  std::vector<ListedModel> models;
  for (const auto& [name, folder] : find_shipped_models()) {
    models.push_back(examine(name, "shipped", folder));
  }
  for (const auto& [name, folder] : cache.snapshots()) {
    if (has_index(folder)) {
      models.push_back(examine(name, "hub cache", folder));
    } else {
      ++others;
    }
  }
  return models;
}

std::string text_of(const std::vector<ListedModel>& models) {
  size_t width = 5;
  for (const auto& model : models) width = std::max(width, model.name.size());
  std::ostringstream text;
  text << padded("model", width) << padded("size", 8) << padded("images", 9) << "can\n";
  for (const auto& model : models) {
    const auto& size = model.size;
    const auto size_text = std::to_string(size.width) + "x" + std::to_string(size.height);
    text << padded(model.name, width)
         << padded(model.bytes > 0 ? with_unit(static_cast<double>(model.bytes), "B") : "-", 8)
         << padded(size.width > 0 ? size_text : "-", 9) << join(model.tasks, ", ");
    if (!model.obstacle.empty()) {
      text << (model.tasks.empty() ? "" : "; ") << "cannot run: " << on_one_line(model.obstacle);
    }
    text << "\n";
  }
  return text.str();
}

std::string json_of(const std::vector<ListedModel>& models) {
  std::string text;
  for (const auto& model : models) {
    const ordered_json json = {{"name", model.name},
                               {"source", model.source},
                               {"path", model.folder.string()},
                               {"bytes", model.bytes},
                               {"can_run", model.obstacle.empty()},
                               {"need", model.obstacle},
                               {"tasks", model.tasks},
                               {"width", model.size.width},
                               {"height", model.size.height}};
    text += json_text(json) + "\n";
  }
  return text;
}

void models(const Arguments& arguments, const Streams& streams) {
  if (!arguments.words().empty()) {
    throw UsageError("models: expected no words, got '" + arguments.words().front() +
                     "'; unclip info MODEL shows one model");
  }
  const auto cache = HubCache::of_environment();
  int64_t others = 0;
  const auto listed = list_models(cache, others);
  if (arguments.on("json")) {
    deliver(json_of(listed), "unclip-models.jsonl", arguments, streams);
    return;
  }
  deliver(text_of(listed), "unclip-models.txt", arguments, streams);
  if (arguments.on("quiet") || others == 0) return;
  streams.err << "unclip: " << others << " other repositories in " << cache.folder().string()
              << " have no model_index.json\n";
}

}  // namespace

Verb models_verb() {
  return {"models",
          "",
          "List the shipped models and those in the hub's cache.",
          with_common_flags({output_flag("a file or a folder (default: standard output)")},
                            {"seed", "model", "dtype", "device", "threads"}),
          "  unclip models\n"
          "  unclip models --json -o models.jsonl\n",
          models};
}

}  // namespace unclip::cli
