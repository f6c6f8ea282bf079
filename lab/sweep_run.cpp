#include "lab/sweep_run.h"

#include <nlohmann/json.hpp>
#include <set>

#include "base/csv.h"
#include "image/png.h"
#include "kernels/tensor.h"
#include "lab/settings.h"

namespace unclip::lab {

namespace fs = std::filesystem;

SweepRun::SweepRun(const fs::path& model, SweepGrid grid, std::vector<SweepCell> cells)
    : model_(model),
      grid_(std::move(grid)),
      cells_(std::move(cells)),
      scorer_(model_, cells_.at(0).pipeline) {
  TORCH_CHECK(static_cast<int64_t>(cells_.size()) == grid_.cells(), "sweep: ", cells_.size(),
              " cells for ", grid_.cells(), " places");
  engine_of(cells_.front());
}

nlohmann::ordered_json SweepRun::settings() const {
  const auto& model = engine().model();
  const auto& first = cells_.front().options;
  auto json = settings_json({.height = first.height, .width = first.width}, model);
  std::set<std::string> dtypes;
  json["dtype"] = "";
  for (const auto& cell : cells_) {
    if (!dtypes.insert(cell.dtype).second) continue;
    json["dtype"] = json["dtype"].get<std::string>() + (dtypes.size() > 1 ? "," : "") + cell.dtype;
  }
  std::vector<std::string> samplers;
  for (const auto& axis : grid_.axes()) {
    json["axes"][axis.name] = axis.values;
    if (axis.name.ends_with("-scheduler")) {
      samplers.insert(samplers.end(), axis.values.begin(), axis.values.end());
    }
    if (axis.name != "preset") continue;
    for (const auto& preset : axis.values) {
      json["presets"][preset] = settings_json({.preset = preset}, model);
    }
  }
  if (const auto hashes = schedule_hashes(samplers); !hashes.empty()) json["schedules"] = hashes;
  return json;
}

RunFolder::Record SweepRun::columns() const {
  RunFolder::Record columns = {"cell"};
  for (const auto& axis : grid_.axes()) columns.push_back(axis.name);
  columns.insert(columns.end(), {"faithful", "clip", "seconds", "picture"});
  return columns;
}

void SweepRun::run(RunFolder& folder, const Describe& describe, const OnProgress& on_progress) {
  std::map<std::string, std::string> done;  // cell -> file
  for (const auto& record : folder.records()) {
    std::error_code error;
    if (fs::exists(folder / record.back(), error)) done.emplace(record.front(), record.back());
  }
  for (int64_t i = 0; i < grid_.cells(); ++i) {
    const auto number = std::to_string(i);
    if (done.contains(number)) continue;
    const auto& cell = cells_[static_cast<size_t>(i)];
    auto& engine = engine_of(cell);
    auto options = cell.options;
    options.on_progress = on_progress;
    options.reuse = &reuse_;
    const auto image = engine
                           .make_images({{.prompt = cell.prompt, .seed = options.seed}}, options,
                                        {.first = i, .total = grid_.cells()})
                           .front();
    const auto file = "pictures/" + number + ".png";
    write_png(folder / file, image.image, describe(engine, cell, image), WriteMode::kOverwrite);
    folder.add(record_of(i, image, file));
    done.emplace(number, file);
  }
  count_evaluations();
  std::vector<at::Tensor> images;
  for (int64_t i = 0; i < grid_.cells(); ++i) {
    images.push_back(read_png(folder / done.at(std::to_string(i))));
  }
  write_png(folder / "sweep.png", grid_.sheet(images), {}, WriteMode::kOverwrite);
}

StageReuse::Evaluations SweepRun::evaluations(const std::string& stage) const {
  const auto it = evaluations_.find(stage);
  return it == evaluations_.end() ? StageReuse::Evaluations() : it->second;
}

Engine& SweepRun::engine_of(const SweepCell& cell) {
  if (engine_ && dtype_ == cell.dtype) return *engine_;
  count_evaluations();
  engine_.reset();
  engine_.emplace(Engine::load(model_, cell.pipeline));
  dtype_ = cell.dtype;
  return *engine_;
}

/// Adds up what the model with the last dtype has done, and forgets its results.
void SweepRun::count_evaluations() {
  if (!engine_) return;
  for (const auto& stage : engine_->model().layout().stages) {
    const auto [made, saved] = reuse_.evaluations(stage.name);
    evaluations_[stage.name].made += made;
    evaluations_[stage.name].saved += saved;
  }
  reuse_ = {};
}

RunFolder::Record SweepRun::record_of(int64_t cell, const GeneratedImage& image,
                                      const std::string& file) {
  RunFolder::Record record = {std::to_string(cell)};
  for (const auto& value : grid_.values(cell)) record.push_back(value);
  const auto score = scorer_.score(image);
  record.push_back(score.faithful ? (*score.faithful ? "yes" : "no") : "");
  record.push_back(score.clip ? csv_number(*score.clip) : "");
  record.push_back(csv_number(image.seconds));
  record.push_back(file);
  return record;
}

}  // namespace unclip::lab
