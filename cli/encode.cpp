#include <algorithm>
#include <filesystem>
#include <functional>
#include <optional>
#include <ostream>
#include <set>
#include <unordered_map>

#include "base/error.h"
#include "cli/embedding_files.h"
#include "cli/encode_in_batches.h"
#include "cli/find_model.h"
#include "cli/image_inputs.h"
#include "cli/interrupt.h"
#include "cli/progress_bar.h"
#include "cli/prompts.h"
#include "cli/sampling.h"
#include "cli/verbs.h"
#include "engine/engine.h"
#include "kernels/tensor.h"

namespace unclip::cli {
namespace {

namespace fs = std::filesystem;

constexpr int64_t kKeepEvery = 1024;  // images between two writes to the disk

/// The rows of a run of many images. A run that is stopped leaves them as OUTPUT.partial, which the
/// next one with --resume begins with.
class PartialRows {
 public:
  PartialRows(const EmbeddingOutput& output, Embeddings of_model, bool resume)
      : kept_(std::move(of_model)),
        file_(output.is_stream() ? "" : output.path().string() + ".partial") {
    std::error_code ignored;
    if (resume && fs::exists(file_, ignored)) restore();
  }

  bool has(const std::string& path) const { return by_path_.contains(path); }

  void add(const std::vector<std::string>& paths, const at::Tensor& rows) {
    for (size_t i = 0; i < paths.size(); ++i) {
      by_path_[paths[i]] = static_cast<int64_t>(kept_.origins.size());
      kept_.origins.push_back({.path = paths[i]});
    }
    rows_.push_back(rows);
    if (kept_.rows() - on_disk_ >= kKeepEvery) save();
  }

  void save() {
    if (file_.empty() || kept_.rows() == on_disk_) return;
    write_embeddings(file_, joined_rows(), WriteMode::kOverwrite);
    on_disk_ = kept_.rows();
  }

  /// The rows of `paths` that there are, in that order.
  Embeddings take(const std::vector<std::string>& paths) const {
    std::vector<int64_t> indices;
    for (const auto& path : paths) {
      if (const auto it = by_path_.find(path); it != by_path_.end()) indices.push_back(it->second);
    }
    return indices.empty() ? Embeddings() : joined_rows().select(indices);
  }

  void remove() const {
    std::error_code ignored;
    fs::remove(file_, ignored);
  }

 private:
  void restore() {
    const auto found = read_embeddings(file_);
    if (!same_space(found, kept_) || !found.image_embedding.defined()) {
      fail(file_, ": comes from another model; remove it, or run without --resume");
    }
    rows_ = {found.image_embedding};
    for (const auto& origin : found.origins) {
      by_path_[origin.path] = static_cast<int64_t>(kept_.origins.size());
      kept_.origins.push_back(origin);
    }
    on_disk_ = kept_.rows();
  }

  Embeddings joined_rows() const {
    auto all = kept_;
    all.image_embedding = ops::cat(rows_);
    return all;
  }

  Embeddings kept_;  // without its tensor
  std::vector<at::Tensor> rows_;
  std::unordered_map<std::string, int64_t> by_path_;
  fs::path file_;
  int64_t on_disk_ = 0;
};

/// Reports what is left out, if --skip-unreadable allows that; else empty.
std::function<void(const std::string& why)> skipping(const Arguments& arguments,
                                                     ProgressBar& progress, std::ostream& err) {
  if (!arguments.on("skip-unreadable")) return nullptr;
  return [&progress, &err](const std::string& why) {
    progress.clear();
    err << "unclip: left out: " << why << std::endl;
  };
}

/// The image; nothing if it cannot be read and `on_skipped` is there to be called.
std::optional<at::Tensor> read_or_skip(
    const ImageInputs& inputs, const std::string& path,
    const std::function<void(const std::string& why)>& on_skipped) {
  if (!on_skipped) return inputs.read(path);
  try {
    return inputs.read(path);
  } catch (const Error& error) {
    on_skipped(error.what());
    return std::nullopt;
  }
}

/// Adds the rows of all images that have none.
void add_rows(Engine& model, const ImageInputs& inputs, const Arguments& arguments,
              PartialRows& rows, ProgressBar& progress, std::ostream& err) {
  const auto on_skipped = skipping(arguments, progress, err);
  std::set<std::string> read;  // a name may be given twice
  encode_in_batches(
      model, inputs.names(), arguments, progress,
      [&](const std::string& path) -> std::optional<at::Tensor> {
        if (rows.has(path) || !read.insert(path).second) return std::nullopt;
        return read_or_skip(inputs, path, on_skipped);
      },
      [&](const std::vector<std::string>& names, const at::Tensor& z) { rows.add(names, z); });
}

void write_pictures(Engine& model, const ImageInputs& inputs, const Arguments& arguments,
                    const EmbeddingOutput& output, const Streams& streams) {
  PartialRows rows(output, embeddings_of(model.model()), arguments.on("resume"));
  ProgressBar progress(streams);
  try {
    add_rows(model, inputs, arguments, rows, progress, streams.err);
  } catch (...) {  // an image that cannot be read, or a signal
    rows.save();
    throw;
  }
  progress.clear();
  const auto encoded = rows.take(inputs.names());
  if (encoded.rows() == 0) fail("none of the ", inputs.size(), " images can be read");
  output.write(encoded, streams);
  rows.remove();
}

Embeddings encode_texts(Engine& model, const std::vector<std::string>& prompts) {
  auto result = embeddings_of(model.model());
  result.text_embedding = model.encode_texts(prompts);
  for (const auto& prompt : prompts) result.origins.push_back({.prompt = prompt});
  return result;
}

void encode(const Arguments& arguments, const Streams& streams) {
  const auto texts = arguments.texts("text");
  const bool images = !arguments.words().empty() || arguments.given("files");
  if (texts.empty() != images) {
    throw UsageError(std::string("expected either FILE... or --text PROMPT..., got ") +
                     (images ? "both" : "neither"));
  }
  for (const auto& text : texts) expect_utf8("--text", text);
  const ImageInputs inputs(arguments, streams.in);
  for (const auto& why : inputs.left_out()) streams.err << "unclip: left out: " << why << std::endl;
  const EmbeddingOutput output(arguments, {}, streams);
  const auto& names = inputs.names();
  const bool from_stream = std::find(names.begin(), names.end(), "-") != names.end();
  if (arguments.on("resume") && (output.is_stream() || from_stream)) {
    throw UsageError(std::string("--resume: expected files, got standard ") +
                     (from_stream ? "input" : "output"));
  }
  auto model = Engine::load(find_model(arguments.text("model")),
                            {.text = !texts.empty(), .image_encoder = texts.empty()},
                            pipeline_options(arguments));

  catch_interrupts();
  if (texts.empty()) {
    write_pictures(model, inputs, arguments, output, streams);
  } else {
    if (!arguments.on("quiet")) {
      tell_unknown_words(texts, model.model().defaults(), streams.err);
    }
    output.write(encode_texts(model, texts), streams);
  }
}

}  // namespace

Verb encode_verb() {
  return {
      "encode",
      "FILE... | --text PROMPT...",
      "Turn images or texts into CLIP embeddings.",
      with_common_flags(
          joined(
              {{{"text", 0, "PROMPT...", "", "texts to encode, instead of images", "Input",
                 /*list=*/true},
                {"resume", 0, "", "",
                 "continue a run with the same --output that was stopped; it left OUTPUT.partial",
                 "Input"},
                {"skip-unreadable", 0, "", "",
                 "name images that cannot be read, and go on without them", "Input"},
                embedding_output_flag()},
               image_input_flags(),
               encoding_flags()}),
          {"seed"}),
      "  unclip encode photo.jpg drawing.png -o two.safetensors\n"
      "  unclip encode --text \"a red ball\" \"a blue cube\" -o texts.npy\n"
      "  find pictures -name '*.jpg' -print0 | unclip encode --files - -0 -o pictures.safetensors "
      "--resume\n",
      encode};
}

}  // namespace unclip::cli
