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
  int64_t pictures = 200;  // for each kind of caption
  int64_t queries = 200;   // for each kind, in measure_search
  int64_t batch_size = 8;
  uint64_t seed = 1000000;
  bool json = false;             // print JSON instead of a table
  std::filesystem::path sheets;  // folder for sheets of the judged images; empty: none
  /// The sampling options for measure(); its seed and batch size are those above.
  GenerateOptions generate = {};
};

/// Prints how often the model makes what it is asked for: GenEval's questions (Ghosh et al. 2023,
/// https://arxiv.org/abs/2310.11513) on captions of one object and of two, both of kinds used in
/// training and of those held out, each with Wilson's 95 % interval (Wilson 1927,
/// https://doi.org/10.1080/01621459.1927.10502953); next to them the judge's own error on rendered
/// images and how often it accepts a caption that is wrong in one word; and the Frechet distance
/// between generated and rendered images in CLIP's embedding space (Heusel et al. 2017,
/// https://arxiv.org/abs/1706.08500).
void measure(const MeasureOptions& options);
/// The same for a model of the picture book, with its kinds of captions.
void measure_picturebook(const MeasureOptions& options);

/// Prints how well embeddings represent images: how often a rendered image that is encoded and then
/// decoded without a prompt shows the same according to the judge, and how often CLIP assigns a
/// rendered image of one object the right one of the labels "a COLOUR SHAPE". Uses `pictures`
/// images for each.
void measure_embeddings(const MeasureOptions& options);

/// Prints how well search works in an index of `pictures` rendered images of random scenes: for how
/// many of `queries` full captions of a scene the first result is a scene for which the caption is
/// true, and for how many images of a scene in another size the first result is that scene.
void measure_search(const MeasureOptions& options);

struct JudgeOptions {
  std::filesystem::path picture;  // a PNG
  std::string world = "toybox";   // the world whose judge is used
  std::string prompt;             // text that the image should show
  bool has_prompt = false;
  bool json = false;
};

/// Prints what an image of a world shows, and if there is a prompt, whether it was asked for.
/// Throws Error if there is no such world.
void judge_picture(const JudgeOptions& options);

}  // namespace unclip::train
