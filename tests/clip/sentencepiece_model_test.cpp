#include "clip/sentencepiece_model.h"

#include <gtest/gtest.h>
#include <sentencepiece_processor.h>

#include <cmath>
#include <filesystem>
#include <ostream>

#include "base/error.h"
#include "clip/character_map.h"
#include "tests/clip/sentencepiece_bytes.h"
#include "tests/weights/files.h"

namespace unclip {
namespace {

using testing::bytes_field;
using testing::character_map_bytes;
using testing::error_of;
using testing::float_field;
using testing::integer_field;
using testing::normalizer_bytes;
using testing::piece_bytes;
using testing::small_model;
using testing::special_pieces;
using testing::trainer_bytes;
using testing::trie_node;
using testing::trie_value;
using testing::varint;

const std::string kModel = "tests/golden/clip/xlm_roberta/sentencepiece.bpe.model";

TEST(SentencePieceModel, HasThePiecesOfTheFileInItsOrder) {
  const auto model = parse_sentencepiece_model(small_model(), "m");
  ASSERT_EQ(model.pieces.size(), 7u);
  EXPECT_EQ(model.pieces[0].text, "<unk>");
  EXPECT_EQ(model.kinds[0], PieceKind::kUnknown);
  EXPECT_EQ(model.kinds[2], PieceKind::kControl);
  EXPECT_EQ(model.pieces[5].text, "ab");
  EXPECT_EQ(model.pieces[5].score, -1.5);
  EXPECT_EQ(model.kinds[5], PieceKind::kNormal);
  EXPECT_EQ(model.character_map, "");
}

TEST(SentencePieceModel, IgnoresFieldsThatItDoesNotKnow) {
  const auto bytes = small_model() + bytes_field(200, "x") + integer_field(77, 5) +
                     float_field(78, 1) + varint(79 << 3 | 1) + std::string(8, 'x');
  EXPECT_EQ(parse_sentencepiece_model(bytes, "m").pieces.size(), 7u);
}

TEST(SentencePieceModel, DoesNotRunTheSamplesOfTheFile) {
  const auto sample = bytes_field(1, bytes_field(1, "ab") + bytes_field(2, "wrong pieces"));
  const auto bytes = small_model() + bytes_field(4, sample) + trainer_bytes(3, 1);
  sentencepiece::SentencePieceProcessor library;
  EXPECT_FALSE(library.LoadFromSerializedProto(bytes).ok());  // it runs them
  EXPECT_EQ(parse_sentencepiece_model(bytes, "m").pieces.size(), 7u);
  EXPECT_EQ(check_sentencepiece_model(bytes, "m").without_samples,
            small_model() + trainer_bytes(3, 1));
}

TEST(SentencePieceModel, ReadsWhatTheTrainerWrites) {
  const auto model = read_sentencepiece_model(kModel);
  EXPECT_EQ(model.pieces.size(), 480u);
  EXPECT_FALSE(model.character_map.empty());
  const auto map = CharacterMap::parse(model.character_map, "map");
  EXPECT_EQ(map.normalize(U"\uFB01 \u00BD e\u0301 \uFF21\u3000x"), U"fi 1\u20442 \u00E9 A x");
}

// Whatever is cut off or changed, there is a model or an Error, and no other end.
TEST(SentencePieceModel, OfABrokenFileIsAnErrorOrAModel) {
  const auto whole = testing::read_text(kModel);
  int refused = 0;
  const auto read = [&](const std::string& bytes) {
    try {
      parse_sentencepiece_model(bytes, "m");
    } catch (const Error& e) {
      ++refused;
      EXPECT_EQ(std::string(e.what()).find('\n'), std::string::npos) << e.what();
      EXPECT_TRUE(std::string(e.what()).starts_with("m: ")) << e.what();
    }
  };
  for (size_t size = 0; size < whole.size(); size += 13) read(whole.substr(0, size));
  EXPECT_GT(refused, 700);
  for (size_t at = 0; at < whole.size(); at += 11) {
    auto bytes = whole;
    bytes[at] = static_cast<char>(bytes[at] ^ 1 << at % 8);
    read(bytes);
  }
}

TEST(SentencePieceModel, IsNoFileOfMoreThan64MiB) {
  const testing::TemporaryFolder folder;
  const auto path = folder / "huge.model";
  testing::write_text(path, small_model());
  std::filesystem::resize_file(path, (uintmax_t{64} << 20) + 1);
  const auto told = error_of([&] { read_sentencepiece_model(path); });
  EXPECT_NE(told.find("expected at most 67108864 bytes, got 67108865"), std::string::npos) << told;
}

TEST(CharacterMap, ReplacesTheShortestKey) {
  // a -> x, ab -> y: the longer one is never reached.
  const auto bytes = character_map_bytes({{'a', trie_node('a', 1, true)},
                                          {'a' ^ 1, trie_value(0)},
                                          {'a' ^ 1 ^ 'b', trie_node('b', 3, true)},
                                          {'a' ^ 1 ^ 'b' ^ 3, trie_value(2)}},
                                         std::string_view("x\0y\0", 4));
  const auto map = CharacterMap::parse(bytes, "map");
  EXPECT_EQ(map.normalize(U"banana ab"), U"bxnxnx xb");
  // A short cluster is replaced as a whole, with its marks; a long one is not.
  EXPECT_EQ(map.normalize(U"a\u0301b a\u0301\u0301\u0301"), U"xb x\u0301\u0301\u0301");
  EXPECT_EQ(CharacterMap().normalize(U"a\u0301b"), U"a\u0301b");
}

struct BadModel {
  const char* name;
  std::string bytes;
  std::vector<std::string> told;

  friend std::ostream& operator<<(std::ostream& out, const BadModel& bad) {
    return out << bad.name;
  }
};

class EveryBadModel : public ::testing::TestWithParam<BadModel> {};

TEST_P(EveryBadModel, IsRefusedBeforeTheLibrarySeesIt) {
  const auto told = error_of([] { check_sentencepiece_model(GetParam().bytes, "a.model"); });
  EXPECT_TRUE(told.starts_with("a.model: ")) << told;
  EXPECT_EQ(told.find('\n'), std::string::npos) << told;
  for (const auto& part : GetParam().told) {
    EXPECT_NE(told.find(part), std::string::npos) << told << "\nlacks " << part;
  }
}

std::vector<BadModel> bad_files() {
  const auto ok = small_model();
  return {
      {"Empty", "", {"0 bytes"}},
      {"Text", "not a model", {"byte 0"}},
      {"GitPointer", "version https://git-lfs.github.com/spec/v1\n", {"byte"}},
      {"CutInAPiece", ok.substr(0, ok.size() - 1), {"byte", "more bytes, got"}},
      {"LengthPastTheEnd", ok + varint(1 << 3 | 2) + varint(9), {"expected 9 more bytes, got 0"}},
      {"HugeLength",
       ok + varint(1 << 3 | 2) + varint(UINT64_MAX) + "x",
       {"expected 18446744073709551615 more bytes, got 1"}},
      {"TwoGigabytes", varint(1 << 3 | 2) + varint(1U << 31), {"expected 2147483648 more"}},
      {"LongInteger", ok + varint(9 << 3) + std::string(10, '\xff') + '\1', {"64 bits"}},
      {"CutInAnInteger", ok + varint(9 << 3) + '\xff', {"expected 1 more bytes, got 0"}},
      {"CutInAFloat", ok + varint(9 << 3 | 5) + "abc", {"expected 4 more bytes, got 3"}},
      {"CutInADouble", ok + varint(9 << 3 | 1) + "abc", {"expected 8 more bytes, got 3"}},
      {"WireType3", ok + varint(9 << 3 | 3), {"field 9", "wire type", "got 3"}},
      {"WireType4", ok + varint(9 << 3 | 4), {"field 9", "got 4"}},
      {"WireType6", ok + varint(9 << 3 | 6), {"field 9", "got 6"}},
      {"WireType7", ok + varint(9 << 3 | 7), {"field 9", "got 7"}},
      {"Field0", ok + varint(0 << 3), {"field number", "got 0"}},
      {"PieceAsInteger", ok + integer_field(1, 5), {"field 1", "wire type 2, got 0"}},
      {"ScoreAsInteger",
       ok + bytes_field(1, bytes_field(1, "c") + integer_field(2, 5)),
       {"field 2", "wire type 5, got 0"}},
      {"TextAsFloat", ok + bytes_field(1, float_field(1, 5)), {"field 1", "wire type 2, got 5"}},
      {"MapAsInteger", ok + bytes_field(3, integer_field(2, 5)), {"wire type 2, got 0"}},
      {"SamplesAsInteger", ok + integer_field(4, 5), {"field 4", "wire type 2, got 0"}},
      {"TrainerAsFloat", ok + float_field(2, 5), {"field 2", "wire type 2, got 5"}},
      {"IdAsBytes", ok + bytes_field(2, bytes_field(40, "0")), {"field 40", "wire type 0, got 2"}},
      {"LargeId", ok + trainer_bytes(40, int64_t{1} << 32), {"field 40", "32 bits"}},
  };
}

std::vector<BadModel> bad_pieces() {
  const auto ok = small_model();
  return {
      {"NoPieces", trainer_bytes(3, 1), {"without pieces"}},
      {"NoUnknown", piece_bytes("a", -1) + piece_bytes("b", -1), {"id below 2, got 2"}},
      {"NoUnknownKind",
       piece_bytes("a", -1) + piece_bytes("b", -1) + piece_bytes("c", -1),
       {"unknown piece, got none"}},
      {"TwoUnknown", ok + piece_bytes("?", 0, 2), {"piece 7", "second after piece 0"}},
      {"OnlyUnknown", piece_bytes("<unk>", 0, 2), {"bos_id", "below 1, got 1"}},
      {"OnlySpecial", special_pieces(), {"pieces of words, got none among 3"}},
      {"Duplicate", ok + piece_bytes("ab", -9), {"piece 7", "\"ab\"", "piece 5"}},
      {"EmptyPiece", ok + piece_bytes("", -9), {"piece 7", "1 to 1024 bytes, got 0"}},
      {"PieceWithoutText", ok + bytes_field(1, float_field(2, 1)), {"piece 7", "got 0"}},
      {"LongPiece", ok + piece_bytes(std::string(200'000, 'x'), -9), {"piece 7", "got 200000"}},
      {"PieceWithNul", ok + piece_bytes({"a\0b", 3}, -9), {"piece 7", "zero byte", "\\u0000"}},
      {"PieceNotUtf8", ok + piece_bytes("a\xff", -9), {"piece 7", "UTF-8"}},
      {"Surrogate", ok + piece_bytes("\xed\xa0\x80", -9), {"piece 7", "UTF-8"}},
      {"NanScore", ok + piece_bytes("c", NAN), {"piece 7", "\"c\"", "finite score, got", "nan"}},
      {"InfiniteScore", ok + piece_bytes("c", INFINITY), {"piece 7", "finite score, got inf"}},
      {"NegativeInfinity", ok + piece_bytes("c", -INFINITY), {"finite score, got -inf"}},
      {"BytePiece", ok + piece_bytes("<0x41>", 0, 6), {"piece 7", "type from 1 to 5, got 6"}},
      {"Kind0", ok + piece_bytes("c", 0, 0), {"type from 1 to 5, got 0"}},
      {"KindMinus1", ok + piece_bytes("c", 0, -1), {"type from 1 to 5, got -1"}},
      {"BytePairs", ok + trainer_bytes(3, 2), {"model_type", "got 2"}},
      {"Words", ok + trainer_bytes(3, 3), {"model_type", "got 3"}},
      {"Type99", ok + trainer_bytes(3, 99), {"model_type", "got 99"}},
      {"ByteFallback", ok + trainer_bytes(35, 1), {"byte_fallback"}},
      {"UnknownIdPastTheEnd", ok + trainer_bytes(40, 7), {"unk_id", "below 7, got 7"}},
      {"StartIdPastTheEnd", ok + trainer_bytes(41, 700), {"bos_id", "got 700"}},
      {"EndIdIsStartId", ok + trainer_bytes(42, 1), {"eos_id", "got 1", "'bos_id'"}},
      {"PadIdIsEndId", ok + trainer_bytes(43, 2), {"pad_id", "got 2", "'eos_id'"}},
      {"NoUnknownId", ok + trainer_bytes(40, -1), {"unk_id", "expected 0", "got -1"}},
      {"OtherUnknownId", ok + trainer_bytes(40, 3), {"unk_id", "expected 0", "got 3"}},
  };
}

std::vector<BadModel> bad_maps() {
  const std::string_view replacements("x\0y\0", 4);
  const auto with = [](const std::string& map) { return small_model() + normalizer_bytes(map); };
  const auto map = [&](const std::vector<std::pair<size_t, uint32_t>>& units,
                       std::string_view texts, size_t count = 256) {
    return with(character_map_bytes(units, texts, count));
  };
  auto odd_size = character_map_bytes({}, replacements);
  odd_size[0] = 2;
  return {
      {"MapOf2Bytes", with("ab"), {"precompiled_charsmap", "at least 4 bytes, got 2"}},
      {"MapOfASize", with("abcd"), {"precompiled_charsmap", "got 1684234849"}},
      {"MapSizePastTheEnd", with({"\x09\0\0\0xxxxxxxx", 12}), {"less than 8, got 9"}},
      {"MapWithoutATrie", with({"\0\0\0\0x\0", 6}), {"got 0"}},
      {"MapOfAnOddSize", with(odd_size), {"multiple of 4", "got 1026"}},
      {"AllOnes", with(std::string(2000, '\xff')), {"got 4294967295"}},
      {"UnitsOfOnes",
       with(character_map_bytes({}, "").substr(0, 4) + std::string(1024, '\xff') + '\0'),
       {"unit 0", "offset"}},
      {"SmallTrie", map({}, replacements, 128), {"unit 0", "within its 128 units"}},
      {"RootPastTheEnd", map({{0, 256U << 10}}, replacements), {"unit 0", "got 256"}},
      {"LongOffset", map({{5, 1U << 10 | 0x200U | 5}}, replacements), {"unit 5", "got 256"}},
      {"ValuePastTheEnd",
       map({{'a', trie_node('a', 1, true)}, {'a' ^ 1, trie_value(4)}}, replacements),
       {"unit 97", "among 4 bytes, got 4"}},
      {"ValueInACharacter",
       map({{'a', trie_node('a', 1, true)}, {'a' ^ 1, trie_value(1)}}, {"\u00e9\0", 3}),
       {"unit 97", "got 1"}},
      {"NoZeroAtTheEnd", map({}, "xy"), {"zero byte", "got 121"}},
      {"ReplacementsNotUtf8", map({}, {"\xff\0", 2}), {"UTF-8"}},
      {"MapOfTheDenormalizer",
       small_model() + bytes_field(5, bytes_field(2, "ab")),
       {"precompiled_charsmap", "got 2"}},
  };
}

std::string bad_model_name(const ::testing::TestParamInfo<BadModel>& info) {
  return info.param.name;
}

INSTANTIATE_TEST_SUITE_P(Files, EveryBadModel, ::testing::ValuesIn(bad_files()), bad_model_name);
INSTANTIATE_TEST_SUITE_P(Pieces, EveryBadModel, ::testing::ValuesIn(bad_pieces()), bad_model_name);
INSTANTIATE_TEST_SUITE_P(Maps, EveryBadModel, ::testing::ValuesIn(bad_maps()), bad_model_name);

}  // namespace
}  // namespace unclip
