#include <cmath>
#include <nlohmann/json.hpp>
#include <optional>
#include <ostream>

#include "base/error.h"
#include "base/json_text.h"
#include "cli/device.h"
#include "cli/find_model.h"
#include "cli/gallery.h"
#include "cli/image_difference.h"
#include "cli/interrupt.h"
#include "cli/read_recipe.h"
#include "cli/sampling.h"
#include "cli/verbs.h"
#include "engine/engine.h"
#include "families/registry.h"
#include "image/encode_image.h"
#include "image/image_texts.h"
#include "image/png.h"
#include "image/read_picture.h"
#include "kernels/tensor.h"
#include "weights/model_info.h"

namespace unclip::cli {
namespace {

namespace fs = std::filesystem;

/// The recipe's options for a model; what it leaves open is the model's own.
GenerateOptions options_of(const FoundRecipe& found, const ModelLayout& layout) {
  GenerateOptions options{.seed = found.recipe.seed,
                          .stages = found.stages,
                          .negative_prompt = found.recipe.negative_prompt};
  std::erase_if(options.stages,  // of a recipe by a model of another family, with --force
                [&](const auto& stage) { return layout.stage(stage.first) == nullptr; });
  if (found.decoder) options.stages[layout.decoder_stage().name] = *found.decoder;
  return options;
}

/// A text has the hash's first digits only, or none.
void expect_painted_by(const ModelDir& model, const FoundRecipe& found, const std::string& file,
                       bool force) {
  const auto& r = found.recipe;
  const auto hash = model_hash(model);
  if (force || found.foreign || hash.starts_with(r.model_hash)) return;
  fail(file, ": was painted by another model, ", r.model_name, " ", r.model_hash.substr(0, 10),
       "; expected ", model.defaults().name, " ", hash.substr(0, 10), ", or --force");
}

/// One row, of the sizes that the model has.
Embeddings row_of(const Recipe& r, const Engine& model, const GenerateOptions& options,
                  const std::string& file) {
  for (const auto& z : {r.image_embedding, r.negative_image_embedding}) {
    if (!z.defined() || z.numel() == model.width()) continue;
    fail(file, ": expected an embedding of ", model.width(), " numbers for ", model.model().path(),
         ", found ", z.numel());
  }
  Embeddings row;
  row.image_embedding = r.image_embedding.unsqueeze(0);
  row.origins = {{.prompt = r.prompt, .seed = r.seed, .draws = r.draws}};
  if (r.negative_image_embedding.defined()) {
    row.negative_image_embedding = r.negative_image_embedding.view({1, -1});
  }
  if (!r.x_T.defined()) return row;
  const auto sizes = model.noise_sizes(options);
  const auto numbers = sizes[0] * sizes[1] * sizes[2];
  if (r.x_T.numel() != numbers) {
    fail(file, ": expected an x_T of ", numbers, " numbers for ", model.model().path(), ", found ",
         r.x_T.numel());
  }
  row.start.x_T = r.x_T.view({1, sizes[0], sizes[1], sizes[2]});
  return row;
}

/// Paints recipes with one model, which stays loaded while the next one takes it as it is.
class Repainter {
 public:
  Repainter(const Arguments& arguments, OnProgress show)
      : arguments_(arguments), machine_(pipeline_options(arguments)), show_(std::move(show)) {}

  GeneratedImage paint(const FoundRecipe& found, const std::string& file) {
    const auto& r = found.recipe;
    const bool as_told = arguments_.given("dtype") || r.dtype.empty();
    const auto dtype = as_told ? chosen_dtype(arguments_) : dtype_named(r.dtype, file);
    const Needs needs{.prior = r.verb == "generate", .decoder = true};
    if (!engine_ || dtype != machine_.dtype || needs.prior != engine_->needs().prior) {
      engine_.reset();
      machine_.dtype = dtype;
      engine_.emplace(Engine::load(find_model(arguments_.text("model")), needs, machine_));
    }
    expect_painted_by(engine_->model(), found, file, arguments_.on("force"));
    auto options = options_of(found, engine_->model().layout());
    options.on_progress = show_;
    if (engine_->image_sizes().multiple > 0 && r.width > 0) {
      options.width = r.width;
      options.height = r.height;
    }
    if (needs.prior) return std::move(engine_->generate({r.prompt}, options).front());
    return std::move(engine_->decode(row_of(r, *engine_, options, file), options).front());
  }

 private:
  const Arguments& arguments_;
  PipelineOptions machine_;
  OnProgress show_;
  std::optional<Engine> engine_;
};

void report(const std::string& file, const Difference& d, const std::string& painted, bool json,
            std::ostream& out) {
  if (!json) {
    out << file << ": " << in_words(d) << std::endl;
    return;
  }
  nlohmann::ordered_json object = {{"path", file},
                                   {"same", d.same()},
                                   {"largest_difference", d.largest},
                                   {"values_that_differ", d.values},
                                   {"values", d.of}};
  if (!painted.empty()) object["painted"] = painted;
  out << json_text(object) << std::endl;
}

/// In one line what the text of an image does not say.
void report_unknown(const FoundRecipe& found, const std::string& file, std::ostream& err) {
  if (found.unknown.empty()) return;
  err << "unclip: " << file << ": its text does not say ";
  for (size_t i = 0; i < found.unknown.size(); ++i) {
    err << (i == 0 ? "" : i + 1 == found.unknown.size() ? " and " : ", ") << found.unknown[i];
  }
  err << "; the model's own are used";
  if (found.foreign) {
    const auto& model = found.recipe.model_name;
    err << ". Another program painted it, with "
        << (model.empty() ? "another model" : "the model " + model);
  }
  err << std::endl;
}

/// Runs of replay: paints files again, compares, and writes what was painted if --output is given.
class Replay {
 public:
  Replay(const Arguments& arguments, const Streams& streams)
      : arguments_(arguments),
        streams_(streams),
        encode_(encode_options(arguments)),
        output_(image_output(arguments, streams), "unclip-{seed}.png",
                static_cast<int64_t>(arguments.words().size())),
        progress_(streams),
        repainter_(arguments, shown_by(progress_, arguments.on("quiet"))),
        reports_(output_.is_standard_output() ? streams.err : streams.out) {
    if (!arguments.given("output")) return;
    output_.set_model(open_model_dir(find_model(arguments.text("model"))).defaults().name);
    output_.prepare(0, write_mode(arguments));
  }

  /// Whether the image came out as it is. One of another program cannot, and counts as if it did.
  bool replay_one(const std::string& file, int64_t index) {
    const auto bytes = read_image_bytes(file);
    const auto stored = decode_image(bytes, file);
    const auto texts = texts_of_metadata(stored.metadata);
    const auto found = read_recipe(texts, file);
    if (!arguments_.on("quiet")) report_unknown(found, file, streams_.err);
    const auto image = repainter_.paint(found, file);
    const auto apart = compare(stored.rgb, to_uint8(image.image), found, *format_of_bytes(bytes));
    const auto painted = write(image, texts, index);
    progress_.clear();
    report(file, apart, painted, arguments_.on("json"), reports_);
    return apart.same() || found.foreign;
  }

 private:
  /// A file that loses something is compared with one that is written anew as it was, or if it does
  /// not say how, by its PSNR.
  static Difference compare(const at::Tensor& stored, const at::Tensor& painted,
                            const FoundRecipe& found, ImageFormat format) {
    const auto quality = found.recipe.quality;
    if (quality == 0 || format == ImageFormat::kPng || !is_written(format)) {
      auto apart = difference(stored, painted);
      if (quality > 0 || format == ImageFormat::kJpeg) apart.same_psnr = kUsualLossPsnr;
      return apart;
    }
    const auto again = encode_image(painted, {}, {.format = format, .quality = quality});
    auto apart = difference(stored, decode_image(again, "the image that was painted").rgb);
    apart.same_psnr = kSameLossPsnr;
    return apart;
  }

  /// Returns the file's name; empty if none was written.
  std::string write(const GeneratedImage& image, const std::vector<PngText>& texts, int64_t index) {
    if (!arguments_.given("output")) return "";
    const auto file = encode_image(image.image, texts, encode_);
    if (output_.is_standard_output()) {
      streams_.out << file << std::flush;
      return "-";
    }
    const auto path = output_.path(index, image.seed, image.prompt);
    output_.make_folder_of(path);
    return write_file(path, file, write_mode(arguments_)).string();
  }

  const Arguments& arguments_;
  const Streams& streams_;
  EncodeOptions encode_;
  OutputName output_;
  ProgressBar progress_;
  Repainter repainter_;
  std::ostream& reports_;
};

void replay(const Arguments& arguments, const Streams& streams) {
  const auto& files = arguments.words();
  if (files.empty()) throw UsageError("expected images: FILE...");
  catch_interrupts();
  Replay run(arguments, streams);
  const auto count = static_cast<int64_t>(files.size());
  int64_t others = 0;
  for (int64_t i = 0; i < count; ++i) others += !run.replay_one(files[static_cast<size_t>(i)], i);
  if (others > 0) fail(others, " of ", count, " images differ when they are made again");
}

}  // namespace

Verb replay_verb() {
  return {
      "replay",
      "FILE...",
      "Make images again from their metadata, and compare.",
      with_common_flags(
          joined(
              {{{"force", 0, "", "", "paint with another model, too", "Model"},
                {"dtype", 0, "TYPE", "float32",
                 "numbers to compute in, if not as the image was painted", "Model"},
                output_flag(
                    "where to write what is painted: FILE, DIR or PATTERN ({i}, {seed}, {prompt}, "
                    "{model}), or - (default: nowhere)"),
                quality_flag()},
               weights_flags()}),
          {"seed"}),
      "  unclip replay ball.png\n"
      "  unclip replay pictures/*.png --json\n"
      "  unclip replay ball.png -o again.png\n",
      replay};
}

}  // namespace unclip::cli
