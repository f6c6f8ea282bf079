#include "cli/search_queries.h"

#include <algorithm>
#include <optional>
#include <sstream>

#include "base/error.h"
#include "cli/embedding_files.h"
#include "cli/find_model.h"
#include "cli/image_inputs.h"
#include "cli/prompts.h"
#include "cli/sampling.h"
#include "engine/engine.h"
#include "image/image_format.h"
#include "image/read_picture.h"
#include "kernels/tensor.h"
#include "search/find_pictures.h"

namespace unclip::cli {
namespace {

namespace fs = std::filesystem;

/// An embedding file's rows, each a query.
std::vector<Query> rows_of(const std::string& word, const Embeddings& index, const fs::path& file,
                           bool force, std::istream& in) {
  const auto found = read_embeddings_from(word, in);
  const auto name = word == "-" ? "standard input" : word;
  if (found.width() != index.width()) {
    fail(name, ": expected embeddings of ", index.width(), " numbers, as in ", file, ", got ",
         found.width());
  }
  if (!force && !found.model_hash.empty() && !same_space(found, index)) {
    fail(name, ": expected embeddings of ", index.model_name, " ", index.model_hash.substr(0, 10),
         ", as in ", file, ", got those of ", found.model_name, " ", found.model_hash.substr(0, 10),
         "; --force searches all the same");
  }
  const auto& rows = found.image_embedding.defined() ? found.image_embedding : found.text_embedding;
  std::vector<Query> queries;
  for (int64_t row = 0; row < found.rows(); ++row) {
    auto shown = name;
    if (found.rows() > 1) shown.append(" ").append(std::to_string(row));
    queries.push_back({shown, QueryKind::kEmbedding, rows[row]});
  }
  return queries;
}

/// The model for texts and images.
Engine load_model(const std::vector<QueryKind>& kinds, const Embeddings& index,
                  const fs::path& file, const Arguments& arguments) {
  const auto any = [&](QueryKind kind) {
    return std::find(kinds.begin(), kinds.end(), kind) != kinds.end();
  };
  auto model =
      Engine::load(find_model(arguments.text("model")),
                   {.text = any(QueryKind::kText), .image_encoder = any(QueryKind::kPicture)},
                   pipeline_options(arguments));
  expect_of_model(index, file.string(), model.model(), model.width(), arguments.on("force"));
  return model;
}

}  // namespace

QueryKind query_kind(const std::string& word, std::string_view standard_input) {
  const bool embedding = is_embedding_name(word);
  std::error_code ignored;
  if (word == "-") {
    return format_of_bytes(standard_input) ? QueryKind::kPicture : QueryKind::kEmbedding;
  }
  if (embedding || is_picture_name(word)) {
    if (!fs::exists(word, ignored)) fail(word, ": there is no such file");
    return embedding ? QueryKind::kEmbedding : QueryKind::kPicture;
  }
  if (begins_as_picture(word)) return QueryKind::kPicture;
  expect_utf8("the text '" + word + "'", word);
  return QueryKind::kText;
}

std::vector<Query> encode_queries(const std::vector<std::string>& words, const Embeddings& rows,
                                  const fs::path& file, const Arguments& arguments,
                                  const Streams& streams) {
  std::vector<QueryKind> kinds;
  std::vector<std::string> texts;
  std::string standard_input;
  for (const auto& word : words) {
    if (word == "-" && standard_input.empty()) standard_input = read_standard_input(streams.in);
    kinds.push_back(query_kind(word, standard_input));
    if (kinds.back() == QueryKind::kText) texts.push_back(word);
  }
  std::optional<Engine> model;
  if (std::any_of(kinds.begin(), kinds.end(), [](auto k) { return k != QueryKind::kEmbedding; })) {
    model.emplace(load_model(kinds, rows, file, arguments));
    if (!arguments.on("quiet")) {
      tell_unknown_words(texts, model->model().defaults(), streams.err);
    }
  }
  std::vector<Query> queries;
  for (size_t i = 0; i < words.size(); ++i) {
    if (kinds[i] == QueryKind::kEmbedding) {
      std::istringstream in(standard_input);  // which is read if the word is "-"
      const auto more = rows_of(words[i], rows, file, arguments.on("force"), in);
      queries.insert(queries.end(), more.begin(), more.end());
      continue;
    }
    const auto encode_image = [&] {
      return model->encode_images({words[i] == "-"
                                       ? decode_picture(standard_input, "standard input")
                                       : read_picture(words[i])});
    };
    const auto embedding =
        kinds[i] == QueryKind::kText ? model->encode_texts({words[i]}) : encode_image();
    queries.push_back({words[i], kinds[i], embedding[0]});
  }
  return queries;
}

}  // namespace unclip::cli
