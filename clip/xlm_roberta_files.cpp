#include "clip/xlm_roberta_files.h"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <string_view>
#include <utility>

#include "base/config.h"
#include "base/error.h"
#include "clip/json_files.h"
#include "clip/sentencepiece_model.h"
#include "clip/tokenizer_config.h"

namespace unclip {
namespace {

using nlohmann::json;
namespace fs = std::filesystem;

constexpr int64_t kStartId = 0, kPadId = 1, kEndId = 2, kUnknownId = 3;
constexpr size_t kModelSpecials = 3;  // <unk>, <s> and </s>, with which a model file begins

// RFC 4648, section 4, https://www.rfc-editor.org/rfc/rfc4648#section-4
std::string decode_base64(const std::string& text, const std::string& where) {
  constexpr std::string_view kDigits =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  const auto digits = std::min(text.size(), text.find('='));
  if (text.size() % 4 != 0 || text.size() - digits > 2 ||
      text.find_first_not_of('=', digits) != std::string::npos) {
    fail(where, ": expected base64, got ", text.size(), " characters of another form");
  }
  std::string bytes;
  uint32_t bits = 0;
  for (size_t i = 0; i < digits; ++i) {
    const auto digit = kDigits.find(text[i]);
    if (digit == kDigits.npos) fail(where, ": character ", i, ": expected a digit of base64");
    bits = bits << 6 | static_cast<uint32_t>(digit);
    const auto loose = (i + 1) * 6 % 8;  // bits that are not a whole byte yet
    if (loose != 6) bytes.push_back(static_cast<char>(bits >> loose));
  }
  return bytes;
}

const json* find_member(const json& object, const char* key) {
  const auto it = object.is_object() ? object.find(key) : object.end();
  return it == object.end() || it->is_null() ? nullptr : &*it;
}

std::vector<UnigramPiece> read_json_pieces(const Config& file) {
  constexpr size_t kMostPieces = 1'000'000;
  const auto* model = find_member(file.json(), "model");
  if (!model) fail(file.name(), ": 'model' is missing");
  const auto expect_value = [&](const char* key, const json& only) {
    const auto* found = find_member(*model, key);
    if (found && *found != only) {
      fail(file.name(), ": 'model.", key, "': expected ", only.dump(), ", got ", shown(*found));
    }
  };
  expect_value("type", "Unigram");
  expect_value("unk_id", kUnknownId);
  expect_value("byte_fallback", false);

  const auto* list = find_member(*model, "vocab");
  const auto where = file.name() + ": 'model.vocab'";
  if (!list || !list->is_array() || list->size() > kMostPieces) {
    fail(where, ": expected a list of at most ", kMostPieces, " pieces, got ",
         list ? list->type_name() : "nothing");
  }
  std::vector<UnigramPiece> pieces;
  for (const auto& item : *list) {
    if (!item.is_array() || item.size() != 2 || !item[0].is_string() || !item[1].is_number()) {
      fail(where, "[", pieces.size(), "]: expected a text and a score, got ", shown(item));
    }
    pieces.push_back({item[0].get<std::string>(), item[1].get<double>()});
  }
  return pieces;
}

// The map of the normalizer, or of the first part of a sequence that has one. transformers keeps
// nothing else of it.
CharacterMap read_json_map(const Config& file) {
  const auto* normalizer = find_member(file.json(), "normalizer");
  if (!normalizer) return {};
  const auto* parts = find_member(*normalizer, "normalizers");
  const auto where = file.name() + ": 'normalizer'";
  for (const auto& part : parts && parts->is_array() ? *parts : json::array({*normalizer})) {
    const auto* type = find_member(part, "type");
    const auto* map = find_member(part, "precompiled_charsmap");
    if (!type || *type != "Precompiled" || !map) continue;
    if (!map->is_string()) fail(where, ": 'precompiled_charsmap': expected base64");
    const auto here = where + ": 'precompiled_charsmap'";
    return CharacterMap::parse(decode_base64(map->get_ref<const std::string&>(), here), here);
  }
  return {};
}

// The model's own first three pieces are replaced by four, and <mask> is appended: the ids of
// fairseq, with which XLM-RoBERTa was trained. Conneau et al. 2020,
// https://arxiv.org/abs/1911.02116
std::vector<UnigramPiece> to_fairseq(SentencePieceModel model, const std::string& name) {
  if (model.pieces.size() <= kModelSpecials) {
    fail(name, ": expected more than ", kModelSpecials, " pieces, got ", model.pieces.size());
  }
  for (size_t i = 0; i < kModelSpecials; ++i) {
    if (model.kinds[i] != PieceKind::kUnknown && model.kinds[i] != PieceKind::kControl) {
      fail(name, ": piece ", i, ": expected <unk>, <s> or </s>, got ", shown(model.pieces[i].text));
    }
  }
  std::vector<UnigramPiece> pieces = {{"<s>", 0}, {"<pad>", 0}, {"</s>", 0}, {"<unk>", 0}};
  std::move(model.pieces.begin() + kModelSpecials, model.pieces.end(), std::back_inserter(pieces));
  pieces.push_back({"<mask>", 0});
  return pieces;
}

// Control and user-defined pieces are found in texts.
std::vector<TokenSpec> added_pieces(const SentencePieceModel& model) {
  std::vector<TokenSpec> added;
  for (size_t i = 0; i < model.pieces.size(); ++i) {
    const bool is_control = model.kinds[i] == PieceKind::kControl;
    if (!is_control && model.kinds[i] != PieceKind::kUserDefined) continue;
    TokenSpec spec;
    spec.token.content = model.pieces[i].text;
    spec.has_flags = true;
    spec.special = is_control;
    spec.normalized = false;
    added.push_back(spec);
  }
  return added;
}

void check_special_ids(const SpecialTokens& special, const fs::path& dir) {
  for (const auto& [role, id, expected] :
       {std::tuple{"bos_token", special.start_id, kStartId},
        {"pad_token", special.pad_id, kPadId},
        {"eos_token", special.end_id, kEndId},
        {"unk_token", special.unknown_id.value_or(-1), kUnknownId}}) {
    if (id != expected) fail(dir, ": '", role, "': expected the id ", expected, ", got ", id);
  }
}

}  // namespace

XlmRobertaFiles XlmRobertaFiles::read(const fs::path& dir) {
  const auto config = read_if_there(dir / "tokenizer_config.json");
  const auto tokenizer_json = read_if_there(dir / "tokenizer.json");
  check_tokenizer_config(config, tokenizer_json,
                         {"XLMRobertaTokenizer", "XLMRobertaTokenizerFast"});
  config.expect("add_prefix_space", true);

  XlmRobertaFiles files;
  files.model_max_length = read_max_length(config);
  SpecialTokens::Defaults defaults{{{"bos_token", "<s>"},
                                    {"eos_token", "</s>"},
                                    {"unk_token", "<unk>"},
                                    {"sep_token", "</s>"},
                                    {"pad_token", "<pad>"},
                                    {"cls_token", "<s>"},
                                    {"mask_token", "<mask>"}},
                                   {}};
  const bool has_json = is_there(dir / "tokenizer.json");
  if (has_json) {
    files.pieces_name = tokenizer_json.name() + ": 'model.vocab'";
    files.pieces = read_json_pieces(tokenizer_json);
    files.character_map = read_json_map(tokenizer_json);
  } else {
    const auto path = dir / "sentencepiece.bpe.model";
    auto model = read_sentencepiece_model(path);
    files.pieces_name = path.string();
    defaults.extra = added_pieces(model);
    if (!model.character_map.empty()) {
      files.character_map = CharacterMap::parse(model.character_map, files.pieces_name);
    }
    files.pieces = to_fairseq(std::move(model), files.pieces_name);
  }
  Bpe::Vocabulary vocabulary;
  for (const auto& piece : files.pieces) {
    vocabulary.try_emplace(piece.text, static_cast<int64_t>(vocabulary.size()));
  }
  files.special = SpecialTokens::read(dir, config, tokenizer_json, vocabulary, defaults);
  check_special_ids(files.special, dir);
  return files;
}

}  // namespace unclip
