#include <gtest/gtest.h>
#include <sentencepiece_processor.h>

#include <functional>
#include <nlohmann/json.hpp>
#include <ostream>
#include <random>
#include <sstream>

#include "base/error.h"
#include "clip/graphemes.h"
#include "clip/unigram.h"
#include "clip/xlm_roberta_tokenizer.h"
#include "tests/clip/sentencepiece_bytes.h"
#include "tests/weights/files.h"

namespace unclip {
namespace {

namespace fs = std::filesystem;
using Ids = std::vector<int64_t>;

const fs::path kFolder = "tests/golden/clip/xlm_roberta";
const fs::path kJsonFolder = "tests/golden/clip/xlm_roberta_json";
const char* const kModelFile = "sentencepiece.bpe.model";

const nlohmann::json& xlm_roberta_golden() {
  static const auto file =
      nlohmann::json::parse(testing::read_text("tests/golden/clip/xlm_roberta.golden.json"));
  return file;
}

// --- The unigram model
// ----------------------------------------------------------------------------

TEST(Unigram, CutsAWordWhereTheSumOfTheScoresIsLargest) {
  const Unigram model({{"<unk>", 0},
                       {"a", 0},
                       {"b", 0},
                       {"c", 0},
                       {"d", 0},
                       {"cd", 1},
                       {"ab", 2},
                       {"abc", 5},
                       {"abcd", 10}},
                      0, "m");
  EXPECT_EQ(model.encode("abcdacd"), (Ids{8, 1, 5}));
  EXPECT_EQ(model.encode("abcx\u00e9yb"), (Ids{7, 0, 2}));  // unknown characters are one
  EXPECT_EQ(model.encode(""), Ids{});
}

TEST(Unigram, KeepsTheFirstOfEqualSums) {
  const Unigram model({{"<unk>", 0}, {"a", -1}, {"aa", -2}, {"aaa", -3}}, 0, "m");
  EXPECT_EQ(model.encode("aaa"), (Ids{3}));
  EXPECT_EQ(model.encode("aaaa"), (Ids{1, 3}));
}

double best_sum(const std::vector<UnigramPiece>& pieces, std::string_view word) {
  if (word.empty()) return 0;
  double best = -INFINITY;
  for (const auto& piece : pieces) {
    if (!word.starts_with(piece.text)) continue;
    best = std::max(best, piece.score + best_sum(pieces, word.substr(piece.text.size())));
  }
  return best;
}

TEST(Unigram, FindsTheSumThatTryingAllFinds) {
  std::mt19937 random(7);
  std::uniform_real_distribution<double> score(-9, 0);
  for (int round = 0; round < 50; ++round) {
    std::vector<UnigramPiece> pieces = {{"a", score(random)}, {"b", score(random)}};
    for (const char* text : {"aa", "ab", "ba", "aba", "bab", "abb", "aabb"}) {
      if (random() % 2 == 0) pieces.push_back({text, score(random)});
    }
    const Unigram model(pieces, -1, "m");
    std::string word;
    for (int i = 0; i < 12; ++i) word += random() % 2 == 0 ? 'a' : 'b';
    std::string joined;
    double sum = 0;
    for (const auto id : model.encode(word)) {
      joined += pieces.at(static_cast<size_t>(id)).text;
      sum += pieces[static_cast<size_t>(id)].score;
    }
    EXPECT_EQ(joined, word);
    EXPECT_NEAR(sum, best_sum(pieces, word), 1e-9) << word;
  }
}

TEST(Graphemes, AreThoseOfUnicode) {
  const auto sizes = [](std::u32string_view text) {
    std::vector<size_t> found;
    for (; !text.empty(); text.remove_prefix(found.back())) found.push_back(first_grapheme(text));
    return found;
  };
  using Sizes = std::vector<size_t>;
  EXPECT_EQ(sizes(U"ab\r\n\n\u0301"), (Sizes{1, 1, 2, 1, 1}));
  EXPECT_EQ(sizes(U"e\u0301\u0302x"), (Sizes{3, 1}));
  EXPECT_EQ(sizes(U"\u1100\u1161\u11A8\u1100\uAC00\u11A8\u1161"), (Sizes{3, 3, 1}));
  EXPECT_EQ(sizes(U"\U0001F1E9\U0001F1EA\U0001F1EB"), (Sizes{2, 1}));
  EXPECT_EQ(sizes(U"\U0001F469\u200D\U0001F467a\u200D\U0001F467"), (Sizes{3, 2, 1}));
  EXPECT_EQ(sizes(U"\u0915\u094D\u0937\u0915\u0937"), (Sizes{3, 1, 1}));
  EXPECT_EQ(sizes(U"\u0915\u094D\u200C\u0937"), (Sizes{3, 1}));
  EXPECT_EQ(sizes(U"\u0600a\u1ACF\u0897"), (Sizes{4}));
}

// --- The tokenizer
// --------------------------------------------------------------------------------

TEST(XlmRobertaTokenizer, GivesTheReferencesIds) {
  const auto& golden = xlm_roberta_golden();
  const auto tokenizer = XlmRobertaTokenizer::load(kFolder);
  const auto in_json = XlmRobertaTokenizer::load(kJsonFolder);
  EXPECT_EQ(tokenizer.vocab_size(), golden.at("size"));
  EXPECT_EQ(tokenizer.model_max_length(), 512);
  ASSERT_GT(golden.at("texts").size(), 300u);
  for (size_t i = 0; i < golden.at("texts").size(); ++i) {
    const auto text = golden.at("texts")[i].get<std::string>();
    const auto expected = golden.at("ids")[i].get<Ids>();
    EXPECT_EQ(tokenizer.ids_of(text), expected) << text;
    EXPECT_TRUE(golden.at("ids_of_json")[i].is_null());
    EXPECT_EQ(in_json.ids_of(text), expected) << text;
  }
}

TEST(XlmRobertaTokenizer, CutsAndPadsTo77LikeTheReference) {
  const auto& golden = xlm_roberta_golden();
  const auto tokenizer = XlmRobertaTokenizer::load(kFolder);
  size_t full = 0;
  for (size_t i = 0; i < golden.at("in_77").size(); ++i) {
    const auto place = golden.at("places_77")[i].get<size_t>();
    const auto text = golden.at("texts")[place].get<std::string>();
    const auto tokens = tokenizer.encode(text, 77);
    const auto length = golden.at("lengths_77")[i].get<size_t>();
    Ids mask(77, 0);
    std::fill_n(mask.begin(), length, 1);
    EXPECT_EQ(tokens.ids, golden.at("in_77")[i].get<Ids>()) << text;
    EXPECT_EQ(tokens.mask, mask) << text;
    EXPECT_EQ(tokens.cut.empty(), tokenizer.ids_of(text).size() <= 75) << text;
    full += length == 77 ? 1 : 0;
  }
  EXPECT_GT(full, 0u);
}

TEST(XlmRobertaTokenizer, OfTheEmptyPromptIsStartEndAndPads) {
  const auto tokenizer = XlmRobertaTokenizer::load(kFolder);
  for (const char* text : {"", " ", "\t \n"}) {
    const auto tokens = tokenizer.encode(text, 5);
    EXPECT_EQ(tokens.ids, (Ids{0, 2, 1, 1, 1}));
    EXPECT_EQ(tokens.mask, (Ids{1, 1, 0, 0, 0}));
  }
}

TEST(XlmRobertaTokenizer, ReturnsTheWordsThatDidNotFit) {
  const auto tokenizer = XlmRobertaTokenizer::load(kFolder);
  const std::string text = "A fox\tin the snow";
  const auto whole = static_cast<int64_t>(tokenizer.ids_of(text).size()) + 2;
  EXPECT_EQ(tokenizer.encode(text, whole).cut, "");
  EXPECT_EQ(tokenizer.encode(text, whole - 1).cut, "snow");
  EXPECT_EQ(tokenizer.encode(text, 2).cut, "A fox in the snow");
}

TEST(XlmRobertaTokenizer, RefusesAPromptThatIsNotUtf8) {
  const auto tokenizer = XlmRobertaTokenizer::load(kFolder);
  EXPECT_THROW(tokenizer.encode("a \xff ball", 77), Error);
  EXPECT_THROW(tokenizer.encode("a ball", 1), Error);
}

TEST(XlmRobertaTokenizer, ReadsALongWordInNoTime) {
  const auto tokenizer = XlmRobertaTokenizer::load(kFolder);
  EXPECT_GT(tokenizer.ids_of(std::string(300'000, 'l')).size(), 100'000u);
}

// An independent implementation, which differs in clusters, white space, ties and added tokens
// only.
TEST(XlmRobertaTokenizer, AgreesWithLibsentencepieceOnPlainWords) {
  sentencepiece::SentencePieceProcessor library;
  ASSERT_TRUE(library.Load((kFolder / kModelFile).string()).ok());
  const auto tokenizer = XlmRobertaTokenizer::load(kFolder);
  std::mt19937 random(3);
  const std::string letters = "aeiounrstldhgmpcbfwyAIT";
  for (int round = 0; round < 300; ++round) {
    std::string text;
    for (auto left = 1 + random() % 12; left > 0; --left) {
      for (auto size = 1 + random() % 9; size > 0; --size)
        text += letters[random() % letters.size()];
      if (left > 1) text += ' ';
    }
    Ids expected;
    for (const int id : library.EncodeAsIds(text)) expected.push_back(id == 0 ? 3 : id + 1);
    EXPECT_EQ(tokenizer.ids_of(text), expected) << text;
  }
}

// --- Folders that are not to be trusted
// -----------------------------------------------------------

struct BadFolder {
  const char* name;
  const char* file;  // of the folder, replaced by `content`; removed if that is null
  const char* content;
  std::vector<std::string> told;

  friend std::ostream& operator<<(std::ostream& out, const BadFolder& bad) {
    return out << bad.name;
  }
};

class EveryBadFolder : public ::testing::TestWithParam<BadFolder> {};

TEST_P(EveryBadFolder, IsAnErrorThatNamesTheFile) {
  const auto& bad = GetParam();
  const testing::TemporaryFolder folder;
  for (const char* file : {kModelFile, "tokenizer_config.json"}) {
    fs::copy(kFolder / file, folder / file);
  }
  fs::remove(folder / bad.file);
  if (bad.content) testing::write_text(folder / bad.file, bad.content);
  const auto told = testing::error_of([&] { XlmRobertaTokenizer::load(folder.path()); });
  EXPECT_TRUE(told.starts_with(folder.path().string())) << told;
  EXPECT_EQ(told.find('\n'), std::string::npos) << told;
  for (const auto& part : bad.told) {
    EXPECT_NE(told.find(part), std::string::npos) << told << "\nlacks " << part;
  }
}

const char* const kJson = "tokenizer.json";
const char* const kConfigFile = "tokenizer_config.json";

INSTANTIATE_TEST_SUITE_P(
    Model, EveryBadFolder,
    ::testing::Values(
        BadFolder{"NoModel", kModelFile, nullptr, {kModelFile}},
        BadFolder{"EmptyModel", kModelFile, "", {kModelFile, "0 bytes"}},
        BadFolder{"OtherClass",
                  kConfigFile,
                  R"({"tokenizer_class": "T5Tokenizer"})",
                  {kConfigFile, "T5Tokenizer", "XLMRobertaTokenizer"}},
        BadFolder{"NoSpaceBefore",
                  kConfigFile,
                  R"({"add_prefix_space": false})",
                  {kConfigFile, "add_prefix_space"}},
        BadFolder{"LeftPadding",
                  kConfigFile,
                  R"({"padding_side": "left"})",
                  {kConfigFile, "padding_side"}},
        BadFolder{"NoRoom", kConfigFile, R"({"model_max_length": 1})", {"model_max_length"}},
        BadFolder{"OtherPad", kConfigFile, R"({"pad_token": "<unk>"})", {"pad_token", "got 3"}},
        BadFolder{"OtherUnknown", kConfigFile, R"({"unk_token": "?!?"})", {"unk_token", "got -1"}},
        BadFolder{"OtherStart", kConfigFile, R"({"bos_token": "[CLS]"})", {"bos_token", "[CLS]"}},
        BadFolder{"NumberAsToken",
                  "special_tokens_map.json",
                  R"({"mask_token": 3})",
                  {"special_tokens_map.json", "mask_token"}}),
    [](const auto& info) { return std::string(info.param.name); });

INSTANTIATE_TEST_SUITE_P(
    Json, EveryBadFolder,
    ::testing::Values(
        BadFolder{"NoJson", kJson, "{", {kJson, "JSON"}},
        BadFolder{"NoModelKey", kJson, "{}", {kJson, "'model' is missing"}},
        BadFolder{"NoVocabulary", kJson, R"({"model": {}})", {kJson, "model.vocab", "nothing"}},
        BadFolder{"OtherModel",
                  kJson,
                  R"({"model": {"type": "BPE", "vocab": []}})",
                  {"model.type", "BPE"}},
        BadFolder{"OtherUnknownId",
                  kJson,
                  R"({"model": {"unk_id": 0, "vocab": []}})",
                  {"model.unk_id", "expected 3, got 0"}},
        BadFolder{"ByteFallback",
                  kJson,
                  R"({"model": {"byte_fallback": true, "vocab": []}})",
                  {"model.byte_fallback"}},
        BadFolder{"ObjectAsVocabulary",
                  kJson,
                  R"({"model": {"vocab": {"a": 1}}})",
                  {"model.vocab", "expected a list", "object"}},
        BadFolder{"EmptyVocabulary", kJson, R"({"model": {"vocab": []}})", {"bos_token"}},
        BadFolder{"TextAsScore",
                  kJson,
                  R"({"model": {"vocab": [["a", "1"]]}})",
                  {"'model.vocab'[0]", "a text and a score"}},
        BadFolder{
            "PieceOfThree", kJson, R"({"model": {"vocab": [["a", 1, 2]]}})", {"'model.vocab'[0]"}},
        BadFolder{
            "TwoOfOneText",
            kJson,
            R"({"model": {"vocab": [["<s>",0],["<pad>",0],["</s>",0],["<unk>",0],["a",1],["a",2]]}})",
            {"model.vocab", "piece 5", "piece 4"}},
        BadFolder{"EmptyText",
                  kJson,
                  R"({"model": {"vocab": [["<s>",0],["<pad>",0],["</s>",0],["<unk>",0],["",1]]}})",
                  {"model.vocab", "piece 4", "got 0"}},
        BadFolder{
            "BadBase64",
            kJson,
            R"({"model": {"vocab": []}, "normalizer": {"type": "Precompiled", "precompiled_charsmap": "a*=="}})",
            {"precompiled_charsmap", "base64"}},
        BadFolder{
            "ShortBase64",
            kJson,
            R"({"model": {"vocab": []}, "normalizer": {"type": "Precompiled", "precompiled_charsmap": "abc"}})",
            {"precompiled_charsmap", "base64"}},
        BadFolder{
            "BadMap",
            kJson,
            R"({"model": {"vocab": []}, "normalizer": {"type": "Sequence", "normalizers": [{"type": "Precompiled", "precompiled_charsmap": "AAECAwQ="}]}})",
            {"precompiled_charsmap", "trie"}},
        BadFolder{
            "NumberAsMap",
            kJson,
            R"({"model": {"vocab": []}, "normalizer": {"type": "Precompiled", "precompiled_charsmap": 3}})",
            {"precompiled_charsmap", "base64"}}),
    [](const auto& info) { return std::string(info.param.name); });

TEST(XlmRobertaTokenizer, NeedsAModelThatBeginsWithSpecialPieces) {
  const testing::TemporaryFolder folder;
  testing::write_text(folder / kModelFile,
                      testing::piece_bytes("<unk>", 0, 2) + testing::piece_bytes("a", -1) +
                          testing::piece_bytes("b", -1) + testing::piece_bytes("c", -1));
  auto told = testing::error_of([&] { XlmRobertaTokenizer::load(folder.path()); });
  EXPECT_NE(told.find("piece 1: expected <unk>, <s> or </s>, got \"a\""), std::string::npos)
      << told;
  testing::write_text(folder / kModelFile,
                      testing::piece_bytes("<unk>", 0, 2) + testing::piece_bytes("a", -1) +
                          testing::trainer_bytes(41, -1) + testing::trainer_bytes(42, -1));
  told = testing::error_of([&] { XlmRobertaTokenizer::load(folder.path()); });
  EXPECT_NE(told.find("more than 3 pieces, got 2"), std::string::npos) << told;
  testing::write_text(folder / kModelFile,
                      testing::small_model() + testing::piece_bytes("<mask>", -1));
  told = testing::error_of([&] { XlmRobertaTokenizer::load(folder.path()); });
  EXPECT_NE(told.find("a text of its own, got \"<mask>\""), std::string::npos) << told;
}

}  // namespace
}  // namespace unclip
