#pragma once

#include <nlohmann/json.hpp>
#include <string>

#include "cli/arguments.h"
#include "cli/output_name.h"
#include "cli/streams.h"
#include "pipeline/embeddings.h"
#include "weights/model_dir.h"

namespace unclip::cli {

/// The embeddings of a file; "-" is standard input.
Embeddings read_embeddings_from(const std::string& name, std::istream& in);

/// --output of a verb that writes embeddings.
Flag embedding_output_flag();

/// Where a verb writes embeddings: the file of --output, "-" being standard output, else the first
/// free name of the fallback.
class EmbeddingOutput {
 public:
  struct Kind {
    std::string fallback = "unclip-embeddings.safetensors";
    bool npy = true;  // may it be a .npy?
  };

  /// Throws UsageError for a pattern, Error where the file cannot be written.
  EmbeddingOutput(const Arguments& arguments, const Kind& kind);

  const std::filesystem::path& path() const { return path_; }
  bool is_stream() const { return path_ == "-"; }
  /// Prints the name that the file got; with --json an object with its rows and width, and `more`.
  void write(Embeddings embeddings, const Streams& streams,
             const nlohmann::ordered_json& more = {}) const;

 private:
  std::filesystem::path path_;
  WriteMode mode_;
  bool json_;
};

/// Throws Error where the embeddings are of another width than the model's D, or come from another
/// model, unless --force lets that pass.
void expect_of_model(const Embeddings& embeddings, const std::string& name, const ModelDir& model,
                     int64_t width, bool force);

}  // namespace unclip::cli
