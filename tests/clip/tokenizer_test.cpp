#include "clip/tokenizer.h"

#include <gtest/gtest.h>
#include <stdlib.h>

#include <algorithm>
#include <fstream>
#include <functional>
#include <iterator>
#include <nlohmann/json.hpp>
#include <ostream>
#include <sstream>

#include "base/error.h"

namespace unclip {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;

std::string read(const fs::path& path) {
  std::ifstream in(path, std::ios::binary);
  EXPECT_TRUE(in) << path;
  return {std::istreambuf_iterator<char>(in), {}};
}

void write(const fs::path& path, const std::string& text) {
  std::ofstream(path, std::ios::binary) << text;
}

// A folder of its own, gone with the object.
class Folder {
 public:
  Folder() {
    auto name = (fs::temp_directory_path() / "tokenizer-XXXXXX").string();
    path_ = mkdtemp(name.data());
  }
  ~Folder() { fs::remove_all(path_); }
  Folder(const Folder&) = delete;
  Folder& operator=(const Folder&) = delete;
  const fs::path& path() const { return path_; }

 private:
  fs::path path_;
};

const json& golden() {
  static const auto file = json::parse(read("tests/golden/clip/tokenizer.golden.json"));
  return file;
}

// As make_folder in make_tokenizer_golden.py.
void make_folder(const json& recipe, const fs::path& dir) {
  const fs::path base = recipe.at("vocabulary").get<std::string>();
  if (!recipe.at("files").is_object()) {
    fs::copy(base, dir, fs::copy_options::recursive);
    return;
  }
  std::istringstream lines(read(base / "merges.txt"));
  std::string version, line;
  std::getline(lines, version);
  std::vector<std::string> merges;
  while (std::getline(lines, line)) merges.push_back(line);
  if (recipe.value("reverse_merges", false)) std::reverse(merges.begin(), merges.end());

  auto files = recipe.at("files");
  if (recipe.at("form") == "txt") {
    fs::copy(base / "vocab.json", dir / "vocab.json");
    std::ofstream out(dir / "merges.txt");
    out << version << "\n";
    for (const auto& merge : merges) out << merge << "\n";
  } else {
    json list = json::array();
    for (const auto& merge : merges) {
      const auto space = merge.find(' ');
      if (recipe.at("form") == "pairs") {
        list.push_back({merge.substr(0, space), merge.substr(space + 1)});
      } else {
        list.push_back(merge);
      }
    }
    files["tokenizer.json"]["model"] = {{"vocab", json::parse(read(base / "vocab.json"))},
                                        {"merges", list}};
  }
  for (const auto& [name, content] : files.items()) write(dir / name, content.dump());
}

Tokenizer tokenizer_of(const json& recipe) {
  const Folder folder;
  make_folder(recipe, folder.path());
  return Tokenizer::load(folder.path());
}

Tokenizer toybox() { return Tokenizer::load("weights/toybox/tokenizer"); }

class EveryTokenizer : public ::testing::TestWithParam<size_t> {
 protected:
  const json& recipe() const { return golden().at("tokenizers").at(GetParam()); }
};

TEST_P(EveryTokenizer, GivesTheReferencesIds) {
  const auto tokenizer = tokenizer_of(recipe());
  EXPECT_EQ(tokenizer.start_id(), recipe().at("start_id"));
  EXPECT_EQ(tokenizer.end_id(), recipe().at("end_id"));
  EXPECT_EQ(tokenizer.pad_id(), recipe().at("pad_id"));
  EXPECT_EQ(tokenizer.vocab_size(), recipe().at("size"));

  const auto& all = golden().at("tokenizers");
  const auto& first = *std::find_if(all.begin(), all.end(), [&](const json& other) {
    return other.at("vocabulary") == recipe().at("vocabulary");
  });
  const auto& texts = golden().at("texts");
  ASSERT_GT(texts.size(), 300u);
  for (size_t i = 0; i < texts.size(); ++i) {
    const auto& own = recipe().at("ids").at(i);
    const auto& expected = own.is_null() ? first.at("ids").at(i) : own;
    EXPECT_EQ(json(tokenizer.ids_of(texts[i].get<std::string>())), expected) << texts[i];
  }
}

TEST_P(EveryTokenizer, CutsAndPadsLikeTheReference) {
  const auto tokenizer = tokenizer_of(recipe());
  const auto& texts = golden().at("texts");
  const auto& ids = recipe().at("in_12");
  for (size_t i = 0; i < ids.size(); ++i) {
    const auto& text = texts.at(16 * i);
    const auto tokens = tokenizer.encode(text.get<std::string>(), 12);
    EXPECT_EQ(json(tokens.ids), ids[i]) << text;
    EXPECT_EQ(json(tokens.mask), recipe().at("mask_12").at(i)) << text;
    EXPECT_EQ(tokens.cut.empty(), tokenizer.ids_of(text.get<std::string>()).size() <= 10) << text;
  }
}

std::string test_name(const ::testing::TestParamInfo<size_t>& info) {
  auto name = golden().at("tokenizers").at(info.param).at("name").get<std::string>();
  std::erase_if(name, [](char c) { return !isalnum(static_cast<unsigned char>(c)); });
  return name;
}

INSTANTIATE_TEST_SUITE_P(, EveryTokenizer,
                         ::testing::Range<size_t>(0, golden().at("tokenizers").size()), test_name);

TEST(ToyTokenizer, HasOneTokenForAWordOfItsWorld) {
  for (const char* word :
       {"a", "the", "red", "brown", "cylinder", "doughnut", "beneath", "night"}) {
    EXPECT_EQ(toybox().ids_of(word).size(), 1u) << word;
  }
}

TEST(Tokenizer, TellsTheWordsThatDidNotFit) {
  const auto tokenizer = toybox();
  const auto whole = tokenizer.encode("A red Ball, on white", 8);  // start, six words, end
  EXPECT_EQ(whole.cut, "");
  EXPECT_EQ(whole.mask, std::vector<int64_t>(8, 1));

  EXPECT_EQ(tokenizer.encode("A red Ball, on white", 6).cut, "on white");
  EXPECT_EQ(tokenizer.encode("A red Ball, on white", 5).cut, ", on white");
  // A word of which only a part fits is told whole, and its part is kept.
  const auto part = tokenizer.encode("a red xylophone  it's!", 6);
  EXPECT_EQ(part.cut, "xylophone it's!");
  EXPECT_NE(part.ids[3], tokenizer.end_id());
  EXPECT_EQ(part.ids[5], tokenizer.end_id());
}

TEST(Tokenizer, OfTheEmptyPromptIsStartEndAndPads) {
  const auto tokens = toybox().encode("", 4);
  const auto start = toybox().start_id(), end = toybox().end_id(), pad = toybox().pad_id();
  EXPECT_EQ(tokens.ids, (std::vector<int64_t>{start, end, pad, pad}));
  EXPECT_EQ(tokens.mask, (std::vector<int64_t>{1, 1, 0, 0}));
}

TEST(Tokenizer, RefusesAPromptThatIsNotUtf8) {
  EXPECT_THROW(toybox().encode("a \xff ball", 24), Error);
  EXPECT_THROW(toybox().encode("a ball", 1), Error);
}

TEST(Tokenizer, KnowsTheLengthThatItsConfigGives) {
  EXPECT_EQ(toybox().model_max_length(), 24);
  for (const auto& recipe : golden().at("tokenizers")) {
    if (recipe.at("name") != "as old configs") continue;
    EXPECT_EQ(tokenizer_of(recipe).model_max_length(), std::nullopt);  // 1e30
  }
}

// As transformers 5.23: by the order of the file, which sorting would turn around.
TEST(Tokenizer, NumbersNamedTokensInTheOrderOfTheFile) {
  const Folder folder;
  fs::copy("weights/toybox/tokenizer", folder.path(), fs::copy_options::recursive);
  write(folder.path() / "tokenizer_config.json",
        R"({"extra_special_tokens": {"image_token": "<img>", "b_token": "<b>"}})");
  const auto tokenizer = Tokenizer::load(folder.path());
  EXPECT_EQ(tokenizer.ids_of("<img><b>"), (std::vector<int64_t>{736, 737}));
}

TEST(Tokenizer, ReadsALongWordInNoTime) {
  EXPECT_GT(toybox().ids_of(std::string(300'000, 'l')).size(), 10'000u);
}

// --- Files that are not to be trusted ------------------------------------------------------------

using Edit = std::function<void(const fs::path& dir)>;

Edit replace(const std::string& file, const std::string& from, const std::string& to) {
  return [=](const fs::path& dir) {
    auto text = read(dir / file);
    const auto at = text.find(from);
    ASSERT_NE(at, std::string::npos) << from;
    write(dir / file, text.replace(at, from.size(), to));
  };
}

Edit put(const std::string& file, const std::string& text) {
  return [=](const fs::path& dir) { write(dir / file, text); };
}

Edit drop(const std::string& file) {
  return [=](const fs::path& dir) { fs::remove(dir / file); };
}

struct BadFile {
  const char* name;
  Edit edit;
  std::vector<std::string> told;  // what the error has to say

  friend std::ostream& operator<<(std::ostream& out, const BadFile& bad) { return out << bad.name; }
};

class EveryBadFile : public ::testing::TestWithParam<BadFile> {};

TEST_P(EveryBadFile, IsAnErrorThatNamesIt) {
  const Folder folder;
  fs::copy("weights/toybox/tokenizer", folder.path(), fs::copy_options::recursive);
  GetParam().edit(folder.path());
  try {
    Tokenizer::load(folder.path());
    FAIL() << "no error";
  } catch (const Error& e) {
    const std::string message = e.what();
    EXPECT_NE(message.find(folder.path().string()), std::string::npos) << message;
    EXPECT_EQ(message.find('\n'), std::string::npos) << message;
    for (const auto& part : GetParam().told) {
      EXPECT_NE(message.find(part), std::string::npos) << message << "\nlacks " << part;
    }
  }
}

const char* const kConfig = "tokenizer_config.json";

INSTANTIATE_TEST_SUITE_P(
    , EveryBadFile,
    ::testing::Values(
        BadFile{"NoVocabulary", drop("vocab.json"), {"vocab.json"}},
        BadFile{"NoMerges", drop("merges.txt"), {"merges.txt"}},
        BadFile{"NoJson", put("vocab.json", "{\"!\": 0"), {"vocab.json", "JSON"}},
        BadFile{"NumberTooLarge", put("vocab.json", "{\"!\": 1e999}"), {"vocab.json", "too large"}},
        BadFile{"NoObject", put("vocab.json", "[1]"), {"vocab.json"}},
        BadFile{"Empty", put("vocab.json", "{}"), {"merges.txt:2", "vocabulary"}},
        BadFile{
            "Text", replace("vocab.json", "\"a\": 64", "\"a\": \"64\""), {"vocab.json", "\"a\""}},
        BadFile{"Half", replace("vocab.json", "\"a\": 64", "\"a\": 64.5"), {"64.5"}},
        BadFile{"Negative", replace("vocab.json", "\"a\": 64", "\"a\": -64"), {"-64"}},
        BadFile{
            "Huge", replace("vocab.json", "\"a\": 64", "\"a\": 18446744073709551615"), {"\"a\""}},
        BadFile{"TwoOfOneId", replace("vocab.json", "\"a\": 64", "\"a\": 65"), {"id 65", "once"}},
        BadFile{"Gap", replace("vocab.json", "\"a\": 64", "\"a\": 736"), {"id 736", "735"}},
        BadFile{"MissingSymbol",
                replace("vocab.json", "\"a\": 64", "\"zz\": 64"),
                {"merges.txt:", "\"a\""}},
        BadFile{
            "UnknownMerge", replace("merges.txt", "a n\n", "a qqq\n"), {"merges.txt:", "\"qqq\""}},
        BadFile{"OneSymbol", replace("merges.txt", "a n\n", "an\n"), {"merges.txt:", "\"an\""}},
        BadFile{"ThreeSymbols",
                replace("merges.txt", "a n\n", "a n d\n"),
                {"merges.txt:", "\"a n d\""}},
        BadFile{"EmptyLine", replace("merges.txt", "a n\n", "\n"), {"merges.txt:"}},
        BadFile{"BadBytes", replace("merges.txt", "a n\n", "\xff\xfe n\n"), {"merges.txt:"}},
        BadFile{"OtherClass",
                put(kConfig, R"({"tokenizer_class": "T5Tokenizer"})"),
                {kConfig, "T5Tokenizer"}},
        BadFile{
            "LeftPadding", put(kConfig, R"({"padding_side": "left"})"), {kConfig, "padding_side"}},
        BadFile{
            "LeftTruncation", put(kConfig, R"({"truncation_side": "left"})"), {"truncation_side"}},
        BadFile{"SplitSpecials",
                put(kConfig, R"({"split_special_tokens": true})"),
                {"split_special_tokens"}},
        BadFile{
            "NoRoom", put(kConfig, R"({"model_max_length": 1})"), {kConfig, "model_max_length"}},
        BadFile{"HalfALength", put(kConfig, R"({"model_max_length": 7.5})"), {"model_max_length"}},
        BadFile{"NumberAsToken",
                put("special_tokens_map.json", R"({"pad_token": 3})"),
                {"special_tokens_map.json", "pad_token"}},
        BadFile{"NoContent",
                put("special_tokens_map.json", R"({"pad_token": {"lstrip": true}})"),
                {"pad_token"}},
        BadFile{
            "TextAsFlag",
            put("special_tokens_map.json", R"({"pad_token": {"content": "!", "lstrip": "yes"}})"),
            {"pad_token", "lstrip"}},
        BadFile{"TextAsExtraTokens",
                put(kConfig, R"({"extra_special_tokens": "<mask>"})"),
                {kConfig, "extra_special_tokens", "<mask>"}},
        BadFile{"NumberAsExtraToken",
                put(kConfig, R"({"extra_special_tokens": [3]})"),
                {kConfig, "extra_special_tokens", "3"}},
        BadFile{"NumberAsNamedToken",
                put(kConfig, R"({"extra_special_tokens": {"image_token": 3}})"),
                {kConfig, "extra_special_tokens.image_token", "3"}},
        BadFile{"MissingTarget",
                [](const fs::path& dir) {
                  fs::remove(dir / "special_tokens_map.json");
                  fs::create_symlink("../blobs/0123", dir / "special_tokens_map.json");
                },
                {"special_tokens_map.json", "link", "blobs/0123", "missing"}},
        BadFile{"UnknownPad",
                put("special_tokens_map.json", R"({"pad_token": "[PAD]"})"),
                {"pad_token", "[PAD]"}},
        BadFile{"UnknownStart",
                put("special_tokens_map.json", R"({"bos_token": "<s>"})"),
                {"bos_token", "<s>"}},
        BadFile{"EmptyEnd", put("special_tokens_map.json", R"({"eos_token": ""})"), {"eos_token"}},
        BadFile{"OtherId", put("added_tokens.json", R"({"!": 5})"), {"\"!\"", "5", "0"}},
        BadFile{"IdPastTheEnd",
                put("added_tokens.json", R"({"<mask>": 900})"),
                {"<mask>", "900", "736"}},
        BadFile{"TextAsId",
                put("added_tokens.json", R"({"<mask>": "736"})"),
                {"added_tokens.json", "<mask>"}},
        BadFile{"TextAsKey",
                put(kConfig, R"({"added_tokens_decoder": {"x": {"content": "!"}}})"),
                {kConfig, "added_tokens_decoder.x"}},
        BadFile{"ListAsDecoder",
                put(kConfig, R"({"added_tokens_decoder": []})"),
                {kConfig, "added_tokens_decoder"}},
        BadFile{"TwoAlike", put("added_tokens.json", R"({"Mask": 736, "mask": 737})"), {"mask"}},
        BadFile{"NoModel", put("tokenizer.json", "{}"), {"tokenizer.json", "model"}},
        BadFile{"NoModelVocabulary",
                put("tokenizer.json", R"({"model": {"merges": []}})"),
                {"tokenizer.json", "vocab"}},
        BadFile{"ListAsVocabulary",
                put("tokenizer.json", R"({"model": {"vocab": [], "merges": []}})"),
                {"tokenizer.json", "model.vocab"}},
        BadFile{"ObjectAsMerges",
                put("tokenizer.json", R"({"model": {"vocab": {}, "merges": {}}})"),
                {"model.merges"}},
        BadFile{
            "ThreeInAMerge",
            put("tokenizer.json", R"({"model": {"vocab": {"a": 0}, "merges": [["a", "a", "a"]]}})"),
            {"'model.merges'[0]"}},
        BadFile{"LeftInJson",
                put("tokenizer.json", R"({"padding": {"direction": "Left"}})"),
                {"tokenizer.json", "padding", "Left"}}),
    [](const auto& info) { return std::string(info.param.name); });

}  // namespace
}  // namespace unclip
