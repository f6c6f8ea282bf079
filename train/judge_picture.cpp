#include <ATen/ATen.h>

#include <cstdio>
#include <nlohmann/json.hpp>

#include "image/png.h"
#include "judge/look.h"
#include "judge/picturebook/verdict.h"
#include "judge/verdict.h"
#include "train/measure.h"
#include "train/training_world.h"

namespace unclip::train {
namespace {

using Json = nlohmann::ordered_json;

Json sighting_json(const judge::Sighting& sighting) {
  auto objects = Json::array();
  for (const auto& seen : sighting.objects) {
    objects.push_back({{"shape", judge::name(seen.shape)},
                       {"colour", judge::name(seen.colour)},
                       {"size", judge::name(seen.size)},
                       {"x", seen.x},
                       {"y", seen.y},
                       {"r", seen.r},
                       {"overlap", seen.overlap},
                       {"margin", seen.margin}});
  }
  return {{"background", judge::name(sighting.background)}, {"objects", objects}};
}

Json verdict_json(const judge::Verdict& v) {
  return {{"right", v.right()},     {"count", v.count},          {"shapes", v.shapes},
          {"colours", v.colours},   {"sizes", v.sizes},          {"attribution", v.attribution},
          {"position", v.position}, {"background", v.background}};
}

Json judge_toys(const at::Tensor& image, const JudgeOptions& options) {
  const auto sighting = judge::look(image);
  auto json = sighting_json(sighting);
  if (options.has_prompt) {
    json["verdict"] = verdict_json(judge::compare(sighting, judge::parse_request(options.prompt)));
  }
  return json;
}

Json judge_book(const at::Tensor& image, const JudgeOptions& options) {
  namespace book = judge::picturebook;
  const auto sighting = book::look(
      {static_cast<int>(image.size(2)), static_cast<int>(image.size(1)), image.data_ptr<float>()});
  auto objects = Json::array();
  for (const auto& seen : sighting.objects) {
    objects.push_back({{"kind", book::name(seen.kind)},
                       {"size", judge::name(seen.size)},
                       {"x", seen.x},
                       {"y", seen.y},
                       {"r", seen.r},
                       {"score", seen.score},
                       {"runner_up", seen.runner_up}});
  }
  Json json = {{"background", book::name(sighting.background)}, {"objects", objects}};
  if (options.has_prompt) {
    const auto v = book::compare(sighting, book::parse_request(options.prompt));
    json["verdict"] = {{"right", v.right()},     {"count", v.count},
                       {"kinds", v.kinds},       {"sizes", v.sizes},
                       {"position", v.position}, {"background", v.background}};
  }
  return json;
}

void print_plainly(const Json& json) {
  for (const auto& object : json["objects"]) {
    // Toys have a colour and a shape, the picture book's objects a kind.
    for (const char* word : {"size", "colour", "shape", "kind"}) {
      if (object.contains(word)) std::printf("%s ", object[word].get<std::string>().c_str());
    }
    std::printf("at (%.2f, %.2f)\n", object["x"].get<double>(), object["y"].get<double>());
  }
  std::printf("on %s\n", json["background"].get<std::string>().c_str());
  if (!json.contains("verdict")) return;
  for (const auto& [question, answer] : json["verdict"].items()) {
    std::printf("%-12s %s\n", question.c_str(), answer.get<bool>() ? "yes" : "no");
  }
}

}  // namespace

void judge_picture(const JudgeOptions& options) {
  const bool is_book = training_world(options.world).name() == "picturebook";
  const auto image = read_png(options.picture).contiguous();
  const auto json = is_book ? judge_book(image, options) : judge_toys(image, options);
  if (options.json) {
    std::printf("%s\n", json.dump().c_str());
  } else {
    print_plainly(json);
  }
}

}  // namespace unclip::train
