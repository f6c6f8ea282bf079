#pragma once

#include <ATen/core/Tensor.h>

#include <string>
#include <vector>

#include "cli/arguments.h"
#include "cli/streams.h"
#include "pipeline/embeddings.h"

namespace unclip::cli {

/// What a word on the command line is.
enum class QueryKind { kText, kPicture, kEmbedding };

/// The kind of a word. The name of an embedding file is one, and so is "-"; the name of an image,
/// or of a file that begins as an image, is an image; any other word is a text. Throws Error if
/// such a file is not there, and for a text that is not UTF-8.
QueryKind query_kind(const std::string& word);

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
