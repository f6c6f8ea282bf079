#pragma once

#include <ATen/ATen.h>

#include <sstream>
#include <string>
#include <vector>

#include "cli/verbs.h"
#include "image/png.h"
#include "tests/support/golden.h"
#include "tests/support/tiny_models.h"
#include "tests/weights/files.h"
#include "weights/checkpoint.h"

namespace unclip::testing {

using Words = std::vector<std::string>;

struct Printed {
  std::string out, err;
};

/// Runs a command line in this process, as in a pipe.
inline Printed run_with(const Words& arguments, const std::string& input = "") {
  std::istringstream in(input);
  std::ostringstream out, err;
  cli::run(arguments, {in, out, err, 0});
  return {out.str(), err.str()};
}

/// A folder with a tiny model in model/, whose own defaults are two steps a stage.
struct ModelFolder : TemporaryFolder {
  ModelFolder() {
    const TinyModel write(Golden("pipeline_plain"), *this / "model");
    write_text(*this / "model/unclip.json", R"({"name": "tiny", "prior_steps": 2,
        "decoder_steps": 2, "super_res_steps": 2, "prior_guidance": 3, "decoder_guidance": 2,
        "known_words": ["a", "red", "fox"]})");
  }

  /// generate, with this model, to files in the folder.
  Words generate(const std::string& output, const Words& more) const {
    Words words = {"-m", *this / "model", "-o", *this / output};
    words.insert(words.end(), more.begin(), more.end());
    return words;
  }
};

/// The same for verbs that take files.
struct VerbFolder : ModelFolder {
  Printed run(const std::string& verb, const Words& more, const std::string& input = "") const {
    Words words = {verb, "-m", *this / "model", "-q"};
    words.insert(words.end(), more.begin(), more.end());
    return run_with(words, input);
  }
  /// What --save-tensors tells of a run.
  Checkpoint tensors(const std::string& verb, Words words) const {
    words.insert(words.end(),
                 {"--overwrite", "-o", name("x-{i}.png"), "--save-tensors", name("t.safetensors")});
    run(verb, words);
    return Checkpoint::open(*this / "t.safetensors");
  }
  std::string name(const std::string& file) const { return (*this / file).string(); }
  /// A file with a picture of one colour.
  std::string picture(const std::string& file, double red) const {
    auto image = at::zeros({3, 20, 30});
    image[0].fill_(red);
    return write_png(*this / file, image, {}, WriteMode::kOverwrite).string();
  }
};

}  // namespace unclip::testing
