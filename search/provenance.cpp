#include "search/provenance.h"

#include <algorithm>
#include <cstring>
#include <map>
#include <nlohmann/json.hpp>

#include "base/config.h"
#include "base/error.h"
#include "base/json_text.h"
#include "base/parse_number.h"
#include "base/utf8.h"
#include "image/image_texts.h"
#include "kernels/tensor.h"
#include "weights/checkpoint.h"

namespace unclip {
namespace {

constexpr size_t kLeastPairs = 3;  // on the last line of `parameters`, else it is of the prompt
constexpr std::string_view kNegative = "Negative prompt:";

std::string_view trimmed(std::string_view text) {
  constexpr auto kSpaces = " \t\r\n";
  const auto begin = text.find_first_not_of(kSpaces);
  if (begin == text.npos) return {};
  return text.substr(begin, text.find_last_not_of(kSpaces) - begin + 1);
}

/// The text if it can be stored, otherwise an empty one.
std::string kept(std::string_view text) {
  std::string result(trimmed(text));
  return result.size() <= kMostText && is_utf8(result) ? result : std::string();
}

/// Removes the JSON string at the beginning of `rest`, and returns it; nothing if it has no end.
std::optional<std::string> take_quoted(std::string_view& rest) {
  size_t end = 1;
  while (end < rest.size() && rest[end] != '"') end += rest[end] == '\\' ? 2 : 1;
  if (end >= rest.size()) return std::nullopt;
  const auto json = nlohmann::json::parse(rest.substr(0, end + 1), nullptr, false);
  if (!json.is_string()) return std::nullopt;
  rest.remove_prefix(end + 1);
  return json.get<std::string>();
}

/// "Steps: 20, Model: \"a, b\"" -> its keys and values; empty if the line has another form.
std::map<std::string, std::string> parse_pairs(std::string_view line) {
  std::map<std::string, std::string> pairs;
  for (auto rest = trimmed(line); !rest.empty();) {
    const auto colon = rest.find(':');
    if (colon == rest.npos || rest.substr(0, colon).find(',') != rest.npos) return {};
    const std::string key(trimmed(rest.substr(0, colon)));
    rest = trimmed(rest.substr(colon + 1));
    auto quoted = rest.starts_with('"') ? take_quoted(rest) : std::nullopt;
    const auto comma = std::min(rest.find(','), rest.size());
    if (!quoted) quoted = std::string(trimmed(rest.substr(0, comma)));
    pairs.emplace(key, std::move(*quoted));
    rest = trimmed(rest.substr(std::min(comma + 1, rest.size())));
  }
  return pairs;
}

Provenance provenance_of(const nlohmann::json& json) {
  Provenance result;
  if (!json.is_object()) return result;
  const auto text = [](const nlohmann::json& object, const char* key) {
    const auto it = object.find(key);
    if (it == object.end() || !it->is_string()) return std::string();
    return kept(it->get_ref<const std::string&>());
  };
  result.prompt = text(json, "prompt");
  if (const auto seed = json.find("seed"); seed != json.end() && seed->is_number_unsigned()) {
    result.seed = seed->get<uint64_t>();
  }
  const auto model = json.find("model");
  if (model == json.end()) return result;
  result.model = model->is_object() ? text(*model, "name") : text(json, "model");
  return result;
}

}  // namespace

const std::vector<std::string>& provenance_keys() {
  static const std::vector<std::string> keys = {"prompt", "seed", "model"};
  return keys;
}

std::string provenance_text(const Provenance& provenance, const std::string& key) {
  if (key == "prompt") return provenance.prompt;
  if (key == "model") return provenance.model;
  return provenance.seed ? std::to_string(*provenance.seed) : "";
}

Provenance parse_recipe_text(std::string_view text) {
  try {  // Config limits the depth of untrusted JSON.
    return provenance_of(Config::parse(text, "unclip").json());
  } catch (const Error&) {
    return {};
  }
}

Provenance parse_parameters_text(std::string_view text) {
  auto body = trimmed(text);
  const auto line_end = body.rfind('\n');
  const auto last = line_end == body.npos ? body : body.substr(line_end + 1);
  Provenance result;
  if (const auto pairs = parse_pairs(last); pairs.size() >= kLeastPairs) {
    body = line_end == body.npos ? std::string_view() : body.substr(0, line_end);
    const auto value = [&](const char* key) {
      const auto it = pairs.find(key);
      return it == pairs.end() ? std::string() : it->second;
    };
    result.seed = parse_number<uint64_t>(value("Seed"));
    result.model = kept(value("Model"));
  }
  for (auto at = body.find(kNegative); at != body.npos; at = body.find(kNegative, at + 1)) {
    if (at > 0 && body[at - 1] != '\n') continue;
    body = body.substr(0, at);
    break;
  }
  result.prompt = kept(body);
  return result;
}

Provenance read_provenance(const std::filesystem::path& file) {
  std::vector<PngText> texts;
  try {
    texts = read_image_texts(file);
  } catch (const Error&) {
    return {};
  }
  const auto find = [&](std::string_view keyword) {
    return std::find_if(texts.begin(), texts.end(),
                        [&](const PngText& text) { return text.keyword == keyword; });
  };
  if (const auto it = find("unclip"); it != texts.end()) return parse_recipe_text(it->text);
  if (const auto it = find("parameters"); it != texts.end()) return parse_parameters_text(it->text);
  return {};
}

at::Tensor provenance_tensor(const std::vector<Provenance>& rows) {
  auto json = nlohmann::ordered_json::array();
  for (const auto& row : rows) {
    auto& object = json.emplace_back(nlohmann::ordered_json::object());
    if (!row.prompt.empty()) object["prompt"] = row.prompt;
    if (row.seed) object["seed"] = *row.seed;
    if (!row.model.empty()) object["model"] = row.model;
  }
  const auto text = json_text(json);
  auto bytes = ops::empty({static_cast<int64_t>(text.size())}, at::kByte);
  std::memcpy(bytes.data_ptr<uint8_t>(), text.data(), text.size());
  return bytes;
}

std::vector<Provenance> provenance_in(const Checkpoint& file, int64_t rows) {
  const auto bytes = file.tensor("provenance");
  if (bytes.scalar_type() != at::kByte || bytes.dim() != 1) {
    fail(file.name(), ": 'provenance': expected bytes of JSON, got ", bytes.scalar_type(), " ",
         bytes.sizes());
  }
  const std::string text(reinterpret_cast<const char*>(bytes.const_data_ptr<uint8_t>()),
                         static_cast<size_t>(bytes.numel()));
  const auto config = Config::parse("{\"rows\": " + text + "}", file.name() + ": 'provenance'");
  const auto& json = config.json().at("rows");
  if (!json.is_array() || static_cast<int64_t>(json.size()) != rows) {
    fail(file.name(), ": 'provenance': expected a JSON array of ", rows, " objects, got ",
         json.is_array() ? std::to_string(json.size()) + " values" : json.type_name());
  }
  std::vector<Provenance> result;
  for (const auto& each : json) result.push_back(provenance_of(each));
  return result;
}

}  // namespace unclip
