#pragma once

#include <map>
#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <set>
#include <string>
#include <tuple>
#include <vector>

#include "clip/added_tokens.h"

namespace unclip {

class Config;

/// A token as a file specifies it: only its content, or also its flags.
struct TokenSpec {
  AddedToken token;
  bool has_flags = false;
  bool special = false;
  std::optional<bool> normalized;

  bool operator==(const TokenSpec& o) const {
    const auto tie = [](const TokenSpec& t) {
      return std::tie(t.token.content, t.has_flags, t.token.single_word, t.token.lstrip,
                      t.token.rstrip, t.special, t.normalized);
    };
    return tie(*this) == tie(o);
  }
};

/// Parses a string, or an object with "content". Throws Error for any other value; the message
/// calls it `where`.
TokenSpec parse_token(const nlohmann::json& value, const std::string& where);

/// The tokens that have a role, such as "bos_token", and special tokens without one.
struct Roles {
  std::map<std::string, TokenSpec> by_role;
  std::vector<std::string> own_roles;  ///< that CLIP does not have, in the order of the files
  std::vector<TokenSpec> extra;

  void set(const std::string& role, TokenSpec spec);
  std::set<std::string> contents() const;
  /// All of these tokens, in the order in which transformers numbers those that the vocabulary
  /// lacks.
  std::vector<TokenSpec> in_order() const;
};

/// Adds the roles of one file to `roles`, overriding roles of the same name. Of the lists of tokens
/// without a role, that of the first file is kept. `are_special`: all tokens of the file are
/// special, whatever their flags say. Throws Error that names the file and the key.
void read_roles(const Config& file, bool are_special, Roles& roles);

/// Adds the roles in the file's object of role -> token, which transformers 4.46 to 4.57 write as
/// "extra_special_tokens". They override the roles that any file has under other keys.
void read_named_roles(const Config& file, bool are_special, Roles& roles);

}  // namespace unclip
