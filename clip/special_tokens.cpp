#include "clip/special_tokens.h"

#include <algorithm>
#include <map>
#include <nlohmann/json.hpp>
#include <set>
#include <string>

#include "base/config.h"
#include "base/error.h"
#include "clip/json_files.h"
#include "clip/token_roles.h"

namespace unclip {
namespace {

using nlohmann::json;
namespace fs = std::filesystem;

// Tokens with the ids that the files state.
using Declared = std::map<int64_t, TokenSpec>;

int64_t parse_id(const json& value, const std::string& where) {
  if (!value.is_number_unsigned() || value.get<uint64_t>() > uint64_t{INT32_MAX}) {
    fail(where, ": expected an id, got ", shown(value));
  }
  return value.get<int64_t>();
}

Declared read_added_tokens_decoder(const Config& config) {
  const auto& decoder = config.json().at("added_tokens_decoder");
  if (!decoder.is_object()) config.fail_value("added_tokens_decoder", "an object");
  Declared declared;
  for (const auto& [key, value] : decoder.items()) {
    const auto where = config.name() + ": 'added_tokens_decoder." + key + "'";
    const bool is_id =
        !key.empty() && key.size() < 10 &&
        std::all_of(key.begin(), key.end(), [](char c) { return c >= '0' && c <= '9'; });
    if (!is_id) fail(where, ": expected an id as key");
    declared[std::stoll(key)] = parse_token(value, where);
  }
  return declared;
}

void read_added_tokens_json(const Config& file, const std::set<std::string>& specials,
                            Declared& declared) {
  for (const auto& [content, id] : file.json().items()) {
    TokenSpec spec;
    spec.token.content = content;
    spec.has_flags = true;
    spec.special = specials.contains(content);
    spec.normalized = !spec.special;
    declared[parse_id(id, file.name() + ": " + shown(content))] = spec;
  }
}

void read_added_tokens(const Config& tokenizer_json, Declared& declared) {
  const auto& json = tokenizer_json.json();
  if (!json.contains("added_tokens")) return;
  if (!json.at("added_tokens").is_array()) tokenizer_json.fail_value("added_tokens", "a list");
  for (const auto& value : json.at("added_tokens")) {
    const auto where = tokenizer_json.name() + ": 'added_tokens'";
    const auto spec = parse_token(value, where);
    if (!spec.has_flags || !value.contains("id")) fail(where, ": ", shown(value), " has no id");
    declared[parse_id(value.at("id"), where)] = spec;
  }
}

// All added tokens in the order in which the reference adds them, without ids. A later token with
// the same content replaces the earlier one.
std::vector<TokenSpec> tokens_to_add(const Declared& declared, const Roles& roles) {
  std::vector<TokenSpec> tokens;
  std::set<std::string> declared_contents;
  for (const auto& [id, spec] : declared) {
    tokens.push_back(spec);
    declared_contents.insert(spec.token.content);
  }
  for (const auto& spec : roles.in_order()) {
    if (declared_contents.contains(spec.token.content)) continue;
    if (std::find(tokens.begin(), tokens.end(), spec) == tokens.end()) tokens.push_back(spec);
  }
  std::set<std::string> in_roles;
  for (const auto& [role, spec] : roles.by_role) in_roles.insert(spec.token.content);
  for (auto& spec : tokens) {
    if (!spec.has_flags || in_roles.contains(spec.token.content)) spec.special = true;
    spec.token.normalized = spec.normalized.value_or(!spec.special);
  }
  return tokens;
}

// Gives the tokens their ids: those of the vocabulary, or the ids after its last.
std::vector<AddedToken> with_ids(const std::vector<TokenSpec>& tokens,
                                 const Bpe::Vocabulary& vocabulary) {
  std::vector<AddedToken> added;
  std::map<std::string, size_t> index;
  auto next_id = static_cast<int64_t>(vocabulary.size());
  for (const auto& spec : tokens) {
    auto token = spec.token;
    if (token.content.empty()) continue;
    const auto [it, is_first] = index.try_emplace(token.content, added.size());
    if (!is_first) {
      token.id = added[it->second].id;
      added[it->second] = token;
      continue;
    }
    const auto known = vocabulary.find(token.content);
    token.id = known != vocabulary.end() ? known->second : next_id++;
    added.push_back(token);
  }
  return added;
}

void check_declared(const Declared& declared, const std::vector<AddedToken>& added,
                    const fs::path& dir) {
  std::map<std::string, int64_t> ids;
  for (const auto& token : added) ids[token.content] = token.id;
  for (const auto& [id, spec] : declared) {
    const auto it = ids.find(spec.token.content);
    if (it != ids.end() && it->second != id) {
      fail(dir, ": the added token ", shown(spec.token.content), ": expected the id ", it->second,
           ", its place in the vocabulary, got ", id);
    }
  }
}

}  // namespace

SpecialTokens::Defaults SpecialTokens::clip_defaults() {
  return {{{"bos_token", "<|startoftext|>"},
           {"eos_token", "<|endoftext|>"},
           {"unk_token", "<|endoftext|>"},
           {"pad_token", "<|endoftext|>"}},
          {}};
}

SpecialTokens SpecialTokens::read(const fs::path& dir, const Config& config,
                                  const Config& tokenizer_json, const Bpe::Vocabulary& vocabulary,
                                  const Defaults& defaults) {
  Roles roles;
  for (const auto& [role, content] : defaults.roles) roles.by_role[role].token.content = content;
  const bool is_complete = config.has("added_tokens_decoder");
  const auto map_path = dir / "special_tokens_map.json";
  const auto map = is_complete ? Config::parse("{}", map_path.string()) : read_if_there(map_path);
  read_roles(config, /*are_special=*/false, roles);
  // transformers puts the pieces of a model file in the place of the map's additional tokens.
  const bool has_own_extra = !roles.extra.empty() || map.has("extra_special_tokens");
  read_roles(map, /*are_special=*/true, roles);
  read_named_roles(config, /*are_special=*/false, roles);
  read_named_roles(map, /*are_special=*/true, roles);
  if (!has_own_extra && !defaults.extra.empty()) roles.extra = defaults.extra;

  Declared declared;
  if (is_complete) {
    declared = read_added_tokens_decoder(config);
  } else {
    read_added_tokens_json(read_if_there(dir / "added_tokens.json"), roles.contents(), declared);
    read_added_tokens(tokenizer_json, declared);
  }

  SpecialTokens tokens;
  tokens.added = with_ids(tokens_to_add(declared, roles), vocabulary);
  check_declared(declared, tokens.added, dir);

  const auto id_of = [&](const std::string& role) {
    const auto& content = roles.by_role.at(role).token.content;
    const bool is_declared = std::any_of(declared.begin(), declared.end(), [&](const auto& entry) {
      return entry.second.token.content == content;
    });
    const auto it = std::find_if(tokens.added.begin(), tokens.added.end(),
                                 [&](const AddedToken& token) { return token.content == content; });
    if (it == tokens.added.end() || !(is_declared || vocabulary.contains(content))) {
      fail(dir, ": the ", role, ", ", shown(content), ", is not in the vocabulary");
    }
    return it->id;
  };
  tokens.start_id = id_of("bos_token");
  tokens.end_id = id_of("eos_token");
  tokens.pad_id = id_of("pad_token");
  const auto unknown = vocabulary.find(roles.by_role.at("unk_token").token.content);
  if (unknown != vocabulary.end()) tokens.unknown_id = unknown->second;
  return tokens;
}

}  // namespace unclip
