#pragma once

#include <ATen/core/Tensor.h>

#include <iosfwd>
#include <string>
#include <vector>

#include "cli/arguments.h"
#include "engine/engine.h"

namespace unclip::cli {

/// A word of the command line that stands for an embedding.
struct Operand {
  enum class Kind { kPicture, kEmbeddings, kText };
  Kind kind;
  std::string word;
  std::string bytes = {};  ///< of standard input, if the word is "-"
};

/// A word that names a file is an image (by its extension or its first bytes) or an embedding file,
/// "-" is either on standard input; any other is a text. Throws Error for a word that reads like a
/// file's name and names none, and for a text that is not UTF-8.
Operand operand_of(const std::string& word, std::istream& in);
std::vector<Operand> operands_of(const std::vector<std::string>& words, std::istream& in);
/// The parts of a model that make embeddings of them.
Needs needs_of(const std::vector<Operand>& operands);

/// --prompt and --force, of verbs that take operands.
Flags operand_flags();

/// What an operand stands for.
struct Point {
  std::string label;   // its word; of several rows of a file, with the row
  at::Tensor z;        // (D)
  at::Tensor picture;  // uint8 (3, H, W), where it is one
  StartNoise start;    // one row, where an embedding file has it
};

/// One for each operand, but one for each row of a file of image embeddings. Texts go through the
/// prior as `options` say, their seeds following each other from options.seed. Throws Error for a
/// file of another model without `force`.
std::vector<Point> read_points(const std::vector<Operand>& operands, Engine& model,
                               const GenerateOptions& options, bool force);

/// x_T (N, C, h, w) of the points for the decoder's sampler: the file's, that of the picture's
/// inversion, or drawn from options.seed + the point's number. Throws Error where a file's is not
/// of the decoder's size.
at::Tensor starts_of(const std::vector<Point>& points, Engine& model,
                     const GenerateOptions& options);

/// 0.333 -> "0.33", for labels
std::string two_digits(double value);

/// What all rows of a run of one noise come from: --prompt, and the run's seed.
Origin origin_of(const Arguments& arguments, const GenerateOptions& options);

}  // namespace unclip::cli
