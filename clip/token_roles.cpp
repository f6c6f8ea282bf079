#include "clip/token_roles.h"

#include <algorithm>
#include <array>
#include <nlohmann/json.hpp>

#include "base/config.h"
#include "base/error.h"
#include "clip/json_files.h"

namespace unclip {
namespace {

using nlohmann::json;

constexpr std::array<const char*, 7> kRoles = {"bos_token", "eos_token", "unk_token", "sep_token",
                                               "pad_token", "cls_token", "mask_token"};

bool is_clip_role(const std::string& role) {
  return std::find(kRoles.begin(), kRoles.end(), role) != kRoles.end();
}

// Reads the roles of one file.
class RoleReader {
 public:
  RoleReader(const Config& file, bool are_special, Roles& roles)
      : file_(file), ordered_(in_file_order(file)), are_special_(are_special), roles_(roles) {}

  void read() {
    for (const auto& [key, value] : ordered_.items()) {
      const bool names_token =
          key.ends_with("_token") &&
          (value.is_string() || (value.is_object() && value.contains("content")));
      if ((is_clip_role(key) && !value.is_null()) || names_token)
        roles_.set(key, parse(value, key));
    }
    if (roles_.extra.empty()) {
      read_first(&RoleReader::read_list, {"extra_special_tokens", "additional_special_tokens"});
    }
  }

  void read_named() {
    read_first(&RoleReader::read_object, {"extra_special_tokens", "model_specific_special_tokens",
                                          "additional_special_tokens"});
  }

 private:
  using Value = nlohmann::ordered_json;
  // Returns whether the value holds tokens of the form that the function reads.
  using Read = bool (RoleReader::*)(const std::string& key, const Value& value);

  TokenSpec parse(const json& value, const std::string& key) const {
    auto spec = parse_token(value, file_.name() + ": '" + key + "'");
    if (are_special_ && spec.has_flags) spec.special = true;
    return spec;
  }

  // Reads the first of the keys that holds any tokens.
  void read_first(Read read, const std::vector<std::string>& keys) {
    for (const auto& key : keys) {
      if (!file_.has(key)) continue;
      const auto& value = ordered_.at(key);
      if (!value.is_structured()) file_.fail_value(key, "a list or an object of tokens");
      if ((this->*read)(key, value)) return;
    }
  }

  bool read_object(const std::string& key, const Value& value) {
    if (!value.is_object()) return false;
    for (const auto& [role, token] : value.items())
      roles_.set(role, parse(token, key + "." + role));
    return !value.empty();
  }

  bool read_list(const std::string& key, const Value& value) {
    if (!value.is_array()) return false;
    for (const auto& token : value) roles_.extra.push_back(parse(token, key));
    return !value.empty();
  }

  const Config& file_;
  const Value ordered_;
  const bool are_special_;
  Roles& roles_;
};

}  // namespace

TokenSpec parse_token(const json& value, const std::string& where) {
  TokenSpec spec;
  if (value.is_string()) {
    spec.token.content = value.get<std::string>();
    return spec;
  }
  const bool is_token =
      value.is_object() && value.contains("content") && value.at("content").is_string();
  if (!is_token) fail(where, ": expected a token, got ", shown(value));

  const auto config = Config::parse(value.dump(), where);
  spec.has_flags = true;
  spec.token.content = config.require<std::string>("content");
  spec.token.single_word = config.value_or("single_word", false);
  spec.token.lstrip = config.value_or("lstrip", false);
  spec.token.rstrip = config.value_or("rstrip", false);
  spec.special = config.value_or("special", false);
  if (config.has("normalized")) spec.normalized = config.require<bool>("normalized");
  return spec;
}

void Roles::set(const std::string& role, TokenSpec spec) {
  const bool is_new = by_role.insert_or_assign(role, std::move(spec)).second;
  if (is_new && !is_clip_role(role)) own_roles.push_back(role);
}

std::set<std::string> Roles::contents() const {
  std::set<std::string> all;
  for (const auto& [role, spec] : by_role) all.insert(spec.token.content);
  for (const auto& spec : extra) all.insert(spec.token.content);
  return all;
}

std::vector<TokenSpec> Roles::in_order() const {
  std::vector<TokenSpec> list;
  for (const auto* role : kRoles) {
    if (const auto it = by_role.find(role); it != by_role.end()) list.push_back(it->second);
  }
  for (const auto& role : own_roles) list.push_back(by_role.at(role));
  list.insert(list.end(), extra.begin(), extra.end());
  return list;
}

void read_roles(const Config& file, bool are_special, Roles& roles) {
  RoleReader(file, are_special, roles).read();
}

void read_named_roles(const Config& file, bool are_special, Roles& roles) {
  RoleReader(file, are_special, roles).read_named();
}

}  // namespace unclip
