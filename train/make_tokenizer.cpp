#include "train/make_tokenizer.h"

#include <fstream>
#include <nlohmann/json.hpp>
#include <string_view>
#include <utility>

#include "base/error.h"

namespace unclip {
namespace {

constexpr size_t kMaxMerges = 8000;
constexpr const char* kStart = "<|startoftext|>";
constexpr const char* kEnd = "<|endoftext|>";

struct Word {
  std::vector<std::string> symbols;
  int64_t count;
};

WordCounts words_of(const train::TrainingWorld& world) {
  WordCounts words;
  for (const auto& word : world.known_words()) words[word] = 1;
  for (const auto& word : world.reserved_words()) words[word] = 1;
  return words;
}

std::map<Merge, int64_t> count_pairs(const std::vector<Word>& words) {
  std::map<Merge, int64_t> counts;
  for (const auto& word : words) {
    for (size_t i = 1; i < word.symbols.size(); ++i) {
      counts[{word.symbols[i - 1], word.symbols[i]}] += word.count;
    }
  }
  return counts;
}

void apply(const Merge& merge, std::vector<std::string>& symbols) {
  std::vector<std::string> merged;
  for (size_t i = 0; i < symbols.size(); ++i) {
    if (i + 1 < symbols.size() && symbols[i] == merge.first && symbols[i + 1] == merge.second) {
      merged.push_back(symbols[i] + symbols[i + 1]);
      ++i;
    } else {
      merged.push_back(symbols[i]);
    }
  }
  symbols = std::move(merged);
}

std::vector<std::string> vocabulary(const std::vector<Merge>& merges) {
  std::vector<std::string> tokens;
  for (const auto end : {std::string_view(), kEndOfWord}) {
    for (const uint8_t byte : bytes_in_vocabulary_order()) {
      tokens.push_back(byte_symbols()[byte] + std::string(end));
    }
  }
  for (const auto& [left, right] : merges) tokens.push_back(left + right);
  tokens.push_back(kStart);
  tokens.push_back(kEnd);
  return tokens;
}

void write(const std::filesystem::path& path, const std::string& text) {
  std::ofstream out(path, std::ios::binary);
  out << text;
  out.close();
  if (!out) fail(path, ": cannot be written");
}

void write(const std::filesystem::path& path, const nlohmann::ordered_json& json) {
  write(path, json.dump(2) + "\n");
}

}  // namespace

std::vector<Merge> learn_bpe(const WordCounts& words, size_t most) {
  std::vector<Word> corpus;
  for (const auto& [word, count] : words) corpus.push_back({word_symbols(word), count});

  std::vector<Merge> merges;
  while (merges.size() < most) {
    const auto counts = count_pairs(corpus);
    if (counts.empty()) break;
    auto best = counts.begin();
    for (auto it = counts.begin(); it != counts.end(); ++it) {
      if (it->second > best->second) best = it;
    }
    merges.push_back(best->first);
    for (auto& word : corpus) apply(best->first, word.symbols);
  }
  return merges;
}

void make_tokenizer(const std::filesystem::path& out_dir, const train::TrainingWorld& world) {
  const auto merges = learn_bpe(words_of(world), kMaxMerges);

  nlohmann::ordered_json vocab;
  for (const auto& token : vocabulary(merges)) vocab.emplace(token, vocab.size());

  std::string merge_lines = "#version: 0.2\n";
  for (const auto& [left, right] : merges) merge_lines += left + " " + right + "\n";

  const nlohmann::ordered_json special_tokens = {
      {"bos_token", kStart}, {"eos_token", kEnd}, {"unk_token", kEnd}, {"pad_token", kEnd}};
  nlohmann::ordered_json config = {{"tokenizer_class", "CLIPTokenizer"},
                                   {"model_max_length", world.most_tokens()}};
  config.update(special_tokens);

  std::error_code error;
  std::filesystem::create_directories(out_dir, error);
  if (error) fail(out_dir, ": cannot be made: ", error.message());
  write(out_dir / "vocab.json", vocab);
  write(out_dir / "merges.txt", merge_lines);
  write(out_dir / "special_tokens_map.json", special_tokens);
  write(out_dir / "tokenizer_config.json", config);
}

}  // namespace unclip
