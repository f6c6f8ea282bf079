#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <map>
#include <string>
#include <vector>

#include "clip/bpe.h"
#include "train/training_world.h"

namespace unclip {

/// Words, in UTF-8, with the number of times that each occurs.
using WordCounts = std::map<std::string, int64_t>;

/// The first `most` merges of byte-pair encoding: each merges the pair of neighbouring symbols that
/// occurs most often, and of equally frequent pairs the first in byte order. There are fewer if
/// every word has become one symbol. Sennrich et al. 2016, algorithm 1,
/// https://arxiv.org/abs/1508.07909
std::vector<Merge> learn_bpe(const WordCounts& words, size_t most);

/// Writes a CLIP tokenizer for a world into the folder, which is made if it is missing: vocab.json,
/// merges.txt, special_tokens_map.json, tokenizer_config.json. Every word of the world is one
/// token. The bytes are the same each time. Throws Error if a file cannot be written.
void make_tokenizer(const std::filesystem::path& out_dir, const train::TrainingWorld& world);

}  // namespace unclip
