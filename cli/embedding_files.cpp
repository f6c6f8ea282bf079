#include "cli/embedding_files.h"

#include <ostream>

#include "base/error.h"
#include "base/json_text.h"
#include "cli/gallery.h"
#include "cli/image_inputs.h"
#include "cli/version.h"
#include "engine/engine.h"

namespace unclip::cli {

namespace fs = std::filesystem;

bool is_embedding_name(const fs::path& path) {
  return path.extension() == ".safetensors" || path.extension() == ".npy";
}

Embeddings read_embeddings_from(const std::string& name, std::istream& in) {
  if (name != "-") return read_embeddings(name);
  return parse_embeddings(read_standard_input(in), "standard input");
}

Flag embedding_output_flag() {
  return output_flag(
      "a name that ends in .safetensors or .npy, a DIR, or - for standard output (default: "
      "./unclip-embeddings.safetensors)");
}

EmbeddingOutput::EmbeddingOutput(const Arguments& arguments, const Kind& kind,
                                 const Streams& streams)
    : path_("-"), mode_(write_mode(arguments)), json_(arguments.on("json")) {
  if (is_standard_output(arguments.text("output"))) {
    expect_no_terminal(streams);
    return;
  }
  const OutputName name(arguments.text("output"), kind.fallback, 1);
  path_ = name.path(0, 0);
  const bool stream = unclip::is_stream(path_);
  if ((!stream && !is_embedding_name(path_)) || (!kind.npy && path_.extension() == ".npy")) {
    arguments.refuse("output", kind.npy ? "a name that ends in .safetensors or .npy, a folder, or -"
                                        : "a name that ends in .safetensors, a folder, or -");
  }
  name.prepare(0, mode_);
}

void EmbeddingOutput::write(Embeddings embeddings, const Streams& streams,
                            const nlohmann::ordered_json& more) const {
  embeddings.version = kVersion;
  if (is_stream()) {
    streams.out << embedding_bytes(embeddings) << std::flush;
  } else {
    const auto path = write_embeddings(path_, embeddings, mode_);
    if (json_) {
      nlohmann::ordered_json json = {
          {"path", path.string()}, {"rows", embeddings.rows()}, {"width", embeddings.width()}};
      json.update(more);
      streams.out << json_text(json);
    } else {
      streams.out << path.string();
    }
    streams.out << std::endl;
  }
  if (!streams.out) fail("standard output: cannot be written");
}

Embeddings read_image_embeddings(const std::string& name, std::istream& in, const Engine& model,
                                 bool force) {
  auto file = read_embeddings_from(name, in);
  const auto shown = name == "-" ? "standard input" : name;
  if (!file.image_embedding.defined()) {
    fail(shown,
         ": expected image embeddings, which `unclip prior` makes of a text; found only text "
         "embeddings");
  }
  expect_of_model(file, shown, model.model(), model.width(), force);
  return file;
}

void expect_noise_of(const Engine& model, const at::Tensor& x_T, const std::string& name,
                     const GenerateOptions& options) {
  const auto expected = model.noise_sizes(options);
  if (x_T.sizes().slice(1) == expected) return;
  fail(name, ": expected an x_T of (N, ", at::IntArrayRef(expected), ") for ", model.model().path(),
       ", found ", x_T.sizes());
}

void expect_of_model(const Embeddings& embeddings, const std::string& name, const ModelDir& model,
                     int64_t width, bool force) {
  if (embeddings.width() != width) {
    fail(name, ": expected embeddings of ", width, " numbers for ", model.path(), ", found ",
         embeddings.width());
  }
  if (force || embeddings.model_hash.empty()) return;
  const auto expected = embeddings_of(model);
  if (same_space(embeddings, expected)) return;
  fail(name, ": expected embeddings of ", expected.model_name, " ",
       expected.model_hash.substr(0, 10), ", or --force; found those of ", embeddings.model_name,
       " ", embeddings.model_hash.substr(0, 10));
}

}  // namespace unclip::cli
