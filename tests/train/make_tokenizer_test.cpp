#include "train/make_tokenizer.h"

#include <gtest/gtest.h>
#include <stdlib.h>

#include <fstream>
#include <iterator>

#include "clip/tokenizer.h"
#include "tests/train/world_folder.h"
#include "train/training_world.h"

namespace unclip {
namespace {

namespace fs = std::filesystem;

std::string read(const fs::path& path) {
  std::ifstream in(path, std::ios::binary);
  EXPECT_TRUE(in) << path;
  return {std::istreambuf_iterator<char>(in), {}};
}

// The example of Sennrich et al. 2016, section 3.2, with the end of a word in its last symbol.
TEST(LearnBpe, JoinsTheMostFrequentPairFirst) {
  const WordCounts words = {{"low", 5}, {"lower", 2}, {"newest", 6}, {"widest", 3}};
  const std::vector<Merge> expected = {{"e", "s"}, {"es", "t</w>"}, {"l", "o"}, {"e", "w"}};
  EXPECT_EQ(learn_bpe(words, 4), expected);
}

TEST(LearnBpe, EndsWhereEveryWordIsOneSymbol) {
  const auto merges = learn_bpe({{"aaa", 1}, {"b", 1}}, 100);
  EXPECT_EQ(merges, (std::vector<Merge>{{"a", "a"}, {"aa", "a</w>"}}));
  EXPECT_TRUE(learn_bpe({}, 100).empty());
}

class MakeTokenizer : public ::testing::TestWithParam<std::string> {};

TEST_P(MakeTokenizer, MakesTheShippedFilesInWhichEveryWordOfTheWorldIsOneToken) {
  const auto& world = train::training_world(GetParam());
  auto name = (fs::temp_directory_path() / "tokenizer-XXXXXX").string();
  const fs::path scratch = mkdtemp(name.data());
  make_tokenizer(scratch / "new", world);
  const auto shipped = testing::world_folder(GetParam()) / "tokenizer";
  for (const char* file :
       {"vocab.json", "merges.txt", "special_tokens_map.json", "tokenizer_config.json"}) {
    EXPECT_EQ(read(scratch / "new" / file), read(shipped / file));
  }
  const auto tokenizer = Tokenizer::load(scratch / "new");
  for (const auto& word : world.known_words()) {
    EXPECT_EQ(tokenizer.ids_of(word).size(), 1u) << word;
  }
  fs::remove_all(scratch);
}

INSTANTIATE_TEST_SUITE_P(, MakeTokenizer, ::testing::ValuesIn(train::training_worlds()),
                         [](const auto& param) { return param.param; });

}  // namespace
}  // namespace unclip
