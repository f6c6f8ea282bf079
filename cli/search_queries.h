#pragma once

#include <ATen/core/Tensor.h>

#include <string>
#include <string_view>
#include <vector>

#include "cli/arguments.h"
#include "cli/streams.h"
#include "embedding/embeddings.h"

namespace unclip::cli {

/// What a word on the command line is.
enum class QueryKind { kText, kPicture, kEmbedding };

/// A word that names a file which is there: an embedding file by its name, an image by its name or
/// its first bytes; "-" is either, by the first bytes of standard input. Every other word is a
/// text. Throws Error for the name of such a file that is not there, and for a text that is not
/// UTF-8.
QueryKind query_kind(const std::string& word, std::string_view standard_input);

/// What is searched for.
struct Query {
  std::string name;  // the word; for an embedding file of several rows, and the row
  QueryKind kind = QueryKind::kText;
  at::Tensor embedding;  // (D)
};

/// The words' embeddings, in order, in the space of the index `file` with `rows`. Loads the model
/// if there are texts or images. Throws Error if model, index and embedding files are not of one
/// space, unless --force allows that.
std::vector<Query> encode_queries(const std::vector<std::string>& words, const Embeddings& rows,
                                  const std::filesystem::path& file, const Arguments& arguments,
                                  const Streams& streams);

}  // namespace unclip::cli
