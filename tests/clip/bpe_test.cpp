#include "clip/bpe.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <random>
#include <set>

#include "base/error.h"

namespace unclip {
namespace {

Bpe::Vocabulary byte_vocabulary() {
  Bpe::Vocabulary vocabulary;
  for (const auto end : {std::string_view(), kEndOfWord}) {
    for (const auto byte : bytes_in_vocabulary_order()) {
      vocabulary.emplace(byte_symbols()[byte] + std::string(end), vocabulary.size());
    }
  }
  return vocabulary;
}

Bpe::Vocabulary vocabulary_of(const std::vector<Merge>& merges) {
  auto vocabulary = byte_vocabulary();
  for (const auto& [left, right] : merges) vocabulary.emplace(left + right, vocabulary.size());
  return vocabulary;
}

// Merges of symbols that exist already, learned in no sensible order.
std::vector<Merge> random_merges(std::mt19937& random, size_t count) {
  std::vector<std::string> symbols = {"a", "b", "c"};
  std::vector<std::string> last_symbols = {"a</w>", "b</w>", "c</w>"};
  std::set<Merge> merges;
  while (merges.size() < count) {
    const auto& left = symbols[random() % symbols.size()];
    auto& rights = random() % 3 == 0 ? last_symbols : symbols;
    const Merge merge(left, rights[random() % rights.size()]);
    if (merge.first.size() + merge.second.size() > 10 || !merges.insert(merge).second) continue;
    rights.push_back(merge.first + merge.second);
  }
  std::vector<Merge> shuffled(merges.begin(), merges.end());
  std::shuffle(shuffled.begin(), shuffled.end(), random);
  return shuffled;
}

// The definition, word for word: of all pairs the first that was learned, the leftmost of equals.
std::vector<std::string> join_by_definition(std::vector<std::string> symbols,
                                            const std::vector<Merge>& merges) {
  for (;;) {
    auto best = merges.end();
    size_t place = 0;
    for (size_t i = 0; i + 1 < symbols.size(); ++i) {
      const auto it = std::find(merges.begin(), best, Merge(symbols[i], symbols[i + 1]));
      if (it == best) continue;
      best = it;
      place = i;
    }
    if (best == merges.end()) return symbols;
    symbols[place] += symbols[place + 1];
    symbols.erase(symbols.begin() + static_cast<std::ptrdiff_t>(place) + 1);
  }
}

TEST(ByteSymbols, AreAllDifferentAndVisibleAsciiStandsForItself) {
  const std::set<std::string> symbols(byte_symbols().begin(), byte_symbols().end());
  EXPECT_EQ(symbols.size(), 256u);
  for (int c = '!'; c <= '~'; ++c) EXPECT_EQ(byte_symbols()[c], std::string(1, char(c)));
  EXPECT_EQ(byte_symbols()[' '], "Ġ");
  EXPECT_EQ(byte_symbols()[0], "Ā");
  EXPECT_EQ(byte_symbols()[0xAD], "Ń");
}

TEST(ByteSymbols, AreNumberedVisibleOnesFirst) {
  const auto& order = bytes_in_vocabulary_order();
  EXPECT_EQ((std::set<uint8_t>(order.begin(), order.end()).size()), 256u);
  EXPECT_EQ(order[0], '!');
  EXPECT_EQ(order[187], 0xFF);
  EXPECT_EQ(order[188], 0);
  EXPECT_EQ(order[255], 0xAD);
}

TEST(WordSymbols, MarkTheEndOfTheWord) {
  EXPECT_EQ(word_symbols("ab"), (std::vector<std::string>{"a", "b</w>"}));
  EXPECT_EQ(word_symbols("é"), (std::vector<std::string>{"Ã", "©</w>"}));
  EXPECT_TRUE(word_symbols("").empty());
}

TEST(Bpe, JoinsTheLeftmostOfEqualPairs) {
  const std::vector<Merge> merges = {{"a", "a"}};
  const auto vocabulary = vocabulary_of(merges);
  const Bpe bpe(vocabulary, merges, std::nullopt);
  EXPECT_EQ(bpe.encode("aaab"), (std::vector<int64_t>{vocabulary.at("aa"), vocabulary.at("a"),
                                                      vocabulary.at("b</w>")}));
  EXPECT_TRUE(bpe.encode("").empty());
}

TEST(Bpe, OfTwoEqualMergesTheLaterOneCounts) {
  const std::vector<Merge> merges = {{"a", "b"}, {"b", "c</w>"}, {"a", "b"}};
  const auto vocabulary = vocabulary_of(merges);
  const Bpe bpe(vocabulary, merges, std::nullopt);
  EXPECT_EQ(bpe.encode("abc"), (std::vector<int64_t>{vocabulary.at("a"), vocabulary.at("bc</w>")}));
}

TEST(Bpe, AgreesWithItsDefinitionWhateverTheOrderOfTheMerges) {
  std::mt19937 random(1);
  for (int round = 0; round < 100; ++round) {
    const auto merges = random_merges(random, 30);
    const auto vocabulary = vocabulary_of(merges);
    const Bpe bpe(vocabulary, merges, std::nullopt);
    for (int i = 0; i < 50; ++i) {
      std::string word(random() % 20, 'a');
      for (auto& c : word) c = static_cast<char>('a' + random() % 3);
      std::vector<int64_t> expected;
      for (const auto& symbol : join_by_definition(word_symbols(word), merges)) {
        expected.push_back(vocabulary.at(symbol));
      }
      ASSERT_EQ(bpe.encode(word), expected) << word;
    }
  }
}

TEST(Bpe, AByteThatTheVocabularyLacksIsUnknown) {
  auto vocabulary = byte_vocabulary();
  vocabulary.erase("x");
  EXPECT_THROW(Bpe(vocabulary, {}, std::nullopt), Error);
  const Bpe bpe(vocabulary, {}, 1000);
  EXPECT_EQ(bpe.encode("xx"), (std::vector<int64_t>{1000, vocabulary.at("x</w>")}));
}

}  // namespace
}  // namespace unclip
