#pragma once

#include <nlohmann/json.hpp>
#include <string>

#include "cli/arguments.h"
#include "cli/output_name.h"
#include "cli/streams.h"
#include "engine/engine.h"
#include "weights/model_dir.h"

namespace unclip::cli {

/// The embeddings of a file; "-" is standard input.
Embeddings read_embeddings_from(const std::string& name, std::istream& in);

/// Does it end in .safetensors or .npy?
bool is_embedding_name(const std::filesystem::path& path);

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

  /// Throws UsageError for another kind of file and for a terminal, Error if the file cannot be
  /// written.
  EmbeddingOutput(const Arguments& arguments, const Kind& kind, const Streams& streams);

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

/// Image embeddings for the model, of a file or "-". Throws Error where the file has none, or is of
/// another model, unless --force lets that pass.
Embeddings read_image_embeddings(const std::string& name, std::istream& in, const Engine& model,
                                 bool force);

/// Throws Error where x_T (N, C, h, w) of the file is not of the decoder's size.
void expect_noise_of(const Engine& model, const at::Tensor& x_T, const std::string& name,
                     const GenerateOptions& options);

/// Throws Error where the embeddings are of another width than the model's D, or come from another
/// model, unless --force lets that pass.
void expect_of_model(const Embeddings& embeddings, const std::string& name, const ModelDir& model,
                     int64_t width, bool force);

}  // namespace unclip::cli
