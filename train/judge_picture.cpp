#include <ATen/ATen.h>

#include <cstdio>
#include <nlohmann/json.hpp>

#include "image/png.h"
#include "judge/look.h"
#include "judge/verdict.h"
#include "train/measure.h"

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

void print_plainly(const Json& json) {
  for (const auto& object : json["objects"]) {
    std::printf("%s %s %s at (%.2f, %.2f)\n", object["size"].get<std::string>().c_str(),
                object["colour"].get<std::string>().c_str(),
                object["shape"].get<std::string>().c_str(), object["x"].get<double>(),
                object["y"].get<double>());
  }
  std::printf("on %s\n", json["background"].get<std::string>().c_str());
  if (!json.contains("verdict")) return;
  for (const auto& [question, answer] : json["verdict"].items()) {
    std::printf("%-12s %s\n", question.c_str(), answer.get<bool>() ? "yes" : "no");
  }
}

}  // namespace

void judge_picture(const JudgeOptions& options) {
  const auto image = read_png(options.picture).contiguous();
  const auto sighting = judge::look(image);
  auto json = sighting_json(sighting);
  if (options.has_prompt) {
    json["verdict"] = verdict_json(judge::compare(sighting, judge::parse_request(options.prompt)));
  }
  if (options.json) {
    std::printf("%s\n", json.dump().c_str());
  } else {
    print_plainly(json);
  }
}

}  // namespace unclip::train
