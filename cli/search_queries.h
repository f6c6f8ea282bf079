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

/// A word that names a file which is there: an embedding file by its name, a picture by its name or
/// its first bytes; "-" is an embedding file, too. Every other word is a text. Throws Error for
/// the name of such a file that is not there, and for a text that is not UTF-8.
QueryKind query_kind(const std::string& word);

/// What is searched for.
struct Query {
  std::string name;  // the word; behind an embedding file of several rows, the row
  QueryKind kind = QueryKind::kText;
  at::Tensor embedding;  // (D)
};

/// The words' embeddings, in order, in the space of the index `file` with `rows`. The model is
/// loaded where there are texts or pictures. Throws Error where model, index and embedding files
/// are not of one space, unless --force lets that pass.
std::vector<Query> encode_queries(const std::vector<std::string>& words, const Embeddings& rows,
                                  const std::filesystem::path& file, const Arguments& arguments,
                                  const Streams& streams);

}  // namespace unclip::cli
