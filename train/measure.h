#pragma once

#include <c10/core/Device.h>

#include <cstdint>
#include <filesystem>
#include <string>

#include "engine/engine.h"

namespace unclip::train {

struct MeasureOptions {
  std::filesystem::path model;
  c10::Device device = c10::kCPU;
  int64_t pictures = 200;  // of each kind of caption
  int64_t queries = 200;   // of each kind, in measure_search
  int64_t batch_size = 8;
  uint64_t seed = 1000000;
  bool json = false;             // print JSON instead of a table
  std::filesystem::path sheets;  // folder for pictures of what was judged; empty: none
  /// measure's walks and guidance. Its seed and batch size are those above.
  GenerateOptions generate = {};
};

/// Prints how often the model paints what it is asked for: GenEval's questions (Ghosh et al. 2023,
/// https://arxiv.org/abs/2310.11513) on captions of one object and of two, of kinds seen in
/// training and held out, each with Wilson's 95 % interval (Wilson 1927,
/// https://doi.org/10.1080/01621459.1927.10502953); beside them the judge's own error on true
/// renderings and how often it accepts a caption that is wrong in one word; and the Frechet
/// distance between generated and true pictures in CLIP's embedding (Heusel et al. 2017,
/// https://arxiv.org/abs/1706.08500).
void measure(const MeasureOptions& options);
/// The same of a model of the picture book, for its kinds of captions.
void measure_picturebook(const MeasureOptions& options);

/// Prints how well pictures go through the space of embeddings: how often a true picture that is
/// encoded and decoded without a prompt shows the same, by the judge, and how often CLIP gives a
/// true picture of one object its own of the labels "a COLOUR SHAPE". `pictures` of each.
void measure_embeddings(const MeasureOptions& options);

/// Prints how well an index of `pictures` true pictures, scenes at random, answers: in how many of
/// `queries` by a scene's full caption the first answer is a scene of which that is true, and in
/// how many by a scene's picture of another size the first answer is that scene.
void measure_search(const MeasureOptions& options);

struct JudgeOptions {
  std::filesystem::path picture;  // a PNG
  std::string world = "toybox";   // whose judge looks at it
  std::string prompt;             // what it should show
  bool has_prompt = false;
  bool json = false;
};

/// Prints what an image of a world shows, and with a prompt whether that was asked for. Throws
/// Error if there is no such world.
void judge_picture(const JudgeOptions& options);

}  // namespace unclip::train
