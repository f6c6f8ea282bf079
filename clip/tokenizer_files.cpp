#include "clip/tokenizer_files.h"

#include <nlohmann/json.hpp>
#include <sstream>
#include <string_view>

#include "base/config.h"
#include "base/error.h"
#include "base/file_bytes.h"
#include "clip/json_files.h"
#include "clip/tokenizer_config.h"

namespace unclip {
namespace {

using nlohmann::json;
namespace fs = std::filesystem;

Bpe::Vocabulary read_vocabulary(const json& ids, const std::string& where) {
  if (!ids.is_object()) fail(where, ": expected a JSON object, got ", ids.type_name());
  Bpe::Vocabulary vocabulary;
  std::vector<bool> seen(ids.size());
  for (const auto& [token, id] : ids.items()) {
    const bool fits = id.is_number_unsigned() && id.get<uint64_t>() < ids.size();
    if (!fits || seen[id.get<size_t>()]) {
      fail(where, ": ", shown(token), ": expected each id from 0 to ",
           static_cast<int64_t>(ids.size()) - 1, " once, got the id ", shown(id));
    }
    seen[id.get<size_t>()] = true;
    vocabulary[token] = id.get<int64_t>();
  }
  return vocabulary;
}

// Parses "left right"; messages call the line `where`.
Merge parse_merge(std::string_view line, const std::string& where) {
  const auto space = line.find(' ');
  if (space == std::string_view::npos || line.find(' ', space + 1) != std::string_view::npos) {
    fail(where, ": expected two symbols with a space between, got ", shown(line));
  }
  return {std::string(line.substr(0, space)), std::string(line.substr(space + 1))};
}

void check_merge(const Merge& merge, const Bpe::Vocabulary& vocabulary, const std::string& where) {
  for (const auto& symbol : {merge.first, merge.second, merge.first + merge.second}) {
    if (!vocabulary.contains(symbol)) {
      fail(where, ": needs ", shown(symbol), ", which the vocabulary lacks");
    }
  }
}

std::vector<Merge> read_merges_txt(const fs::path& path, const Bpe::Vocabulary& vocabulary) {
  std::istringstream in(file_bytes(path));
  std::vector<Merge> merges;
  std::string line;
  for (int64_t number = 1; std::getline(in, line); ++number) {
    if (line.starts_with("#version")) continue;
    if (line.ends_with('\r')) line.pop_back();
    const auto where = path.string() + ":" + std::to_string(number);
    merges.push_back(parse_merge(line, where));
    check_merge(merges.back(), vocabulary, where);
  }
  return merges;
}

// Each merge is "left right" or ["left", "right"].
std::vector<Merge> read_merges(const json& list, const Bpe::Vocabulary& vocabulary,
                               const std::string& where) {
  if (!list.is_array()) fail(where, ": expected a list, got ", list.type_name());
  std::vector<Merge> merges;
  for (const auto& item : list) {
    const auto here = where + "[" + std::to_string(merges.size()) + "]";
    if (item.is_string()) {
      merges.push_back(parse_merge(item.get_ref<const std::string&>(), here));
    } else if (item.is_array() && item.size() == 2 && item[0].is_string() && item[1].is_string()) {
      merges.emplace_back(item[0].get<std::string>(), item[1].get<std::string>());
    } else {
      fail(here, ": expected two symbols, got ", shown(item));
    }
    check_merge(merges.back(), vocabulary, here);
  }
  return merges;
}

const json& require(const json& object, const std::string& key, const std::string& where) {
  if (!object.is_object() || !object.contains(key)) fail(where, ": '", key, "' is missing");
  return object.at(key);
}

}  // namespace

TokenizerFiles TokenizerFiles::read(const fs::path& dir) {
  const auto config = read_if_there(dir / "tokenizer_config.json");
  const auto tokenizer_json = read_if_there(dir / "tokenizer.json");
  check_tokenizer_config(config, tokenizer_json, {"CLIPTokenizer", "CLIPTokenizerFast"});

  TokenizerFiles files;
  files.model_max_length = read_max_length(config);
  if (is_there(dir / "tokenizer.json")) {
    const auto& name = tokenizer_json.name();
    const auto& model = require(tokenizer_json.json(), "model", name);
    files.vocabulary =
        read_vocabulary(require(model, "vocab", name + ": 'model'"), name + ": 'model.vocab'");
    files.merges = read_merges(require(model, "merges", name + ": 'model'"), files.vocabulary,
                               name + ": 'model.merges'");
  } else {
    const auto vocabulary = Config::read(dir / "vocab.json");
    files.vocabulary = read_vocabulary(vocabulary.json(), vocabulary.name());
    files.merges = read_merges_txt(dir / "merges.txt", files.vocabulary);
  }
  files.special = SpecialTokens::read(dir, config, tokenizer_json, files.vocabulary,
                                      SpecialTokens::clip_defaults());
  return files;
}

}  // namespace unclip
