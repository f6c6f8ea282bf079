#include <ATen/ATen.h>

#include <nlohmann/json.hpp>
#include <optional>
#include <ostream>

#include "cli/device.h"
#include "cli/find_model.h"
#include "cli/gallery.h"
#include "cli/interrupt.h"
#include "cli/read_recipe.h"
#include "cli/sampling.h"
#include "cli/verbs.h"
#include "core/error.h"
#include "image/png.h"
#include "pipeline/embedding_pipeline.h"
#include "weights/model_info.h"

namespace unclip::cli {
namespace {

namespace fs = std::filesystem;

// Batches and threads add up in another order, which is not another picture.
constexpr int64_t kRounding = 1;  // of 255

/// How two pictures differ, of values 0 ... 255.
struct Difference {
  int64_t largest = 0;
  int64_t values = 0;  // that differ
  int64_t of = 0;      // all

  bool same() const { return largest <= kRounding; }
};

Difference difference(const at::Tensor& a, const at::Tensor& b) {
  const auto apart = (a.to(at::kInt) - b.to(at::kInt)).abs();
  return {.largest = apart.max().item<int64_t>(),
          .values = apart.ne(0).sum().item<int64_t>(),
          .of = apart.numel()};
}

std::string in_words(const Difference& d) {
  if (d.largest == 0) return "the same picture, to the last bit";
  const auto size = "by at most " + std::to_string(d.largest) + " of 255, in " +
                    std::to_string(d.values) + " of " + std::to_string(d.of) + " values";
  return (d.same() ? "the same picture but for rounding: they differ "
                   : "another picture: they differ ") +
         size;
}

GenerateOptions options_of(const Recipe& r) {
  return {.seed = r.seed,
          .prior_guidance = {.scale = r.prior_guidance.scale, .others = r.prior_guidance},
          .decoder_guidance = {.scale = r.decoder_guidance.scale, .others = r.decoder_guidance},
          .negative_prompt = r.negative_prompt,
          .prior_walk = r.prior_walk,
          .decoder_walk = r.decoder_walk,
          .super_res_walk = r.super_res_walk};
}

void expect_painted_by(const ModelDir& model, const Recipe& r, const std::string& file,
                       bool force) {
  const auto hash = model_hash(model);
  if (force || hash == r.model_hash) return;
  fail(file, ": was painted by another model, ", r.model_name, " ", r.model_hash.substr(0, 10),
       "; ", model.defaults().name, " ", hash.substr(0, 10), " is wanted, or --force");
}

/// One row, of the sizes that the model wants.
Embeddings row_of(const Recipe& r, const EmbeddingPipeline& model, const std::string& file) {
  if (r.image_embedding.numel() != model.width()) {
    fail(file, ": its embedding has ", r.image_embedding.numel(), " numbers; ", model.width(),
         " are wanted by ", model.model().path());
  }
  Embeddings row;
  row.image_embedding = r.image_embedding.unsqueeze(0);
  row.origins = {{.prompt = r.prompt, .seed = r.seed, .draws = r.draws}};
  if (!r.x_T.defined()) return row;
  const auto sizes = model.noise_sizes();
  const auto numbers = sizes[0] * sizes[1] * sizes[2];
  if (r.x_T.numel() != numbers) {
    fail(file, ": its x_T has ", r.x_T.numel(), " numbers; ", numbers, " are wanted by ",
         model.model().path());
  }
  row.start.x_T = r.x_T.view({1, sizes[0], sizes[1], sizes[2]});
  return row;
}

/// Paints recipes with one model, which stays loaded while the next one takes it as it is.
class Repainter {
 public:
  Repainter(const Arguments& arguments, OnProgress show)
      : arguments_(arguments), machine_(pipeline_options(arguments)), show_(std::move(show)) {}

  GeneratedImage paint(const Recipe& r, const std::string& file) {
    const auto dtype =
        arguments_.given("dtype") ? chosen_dtype(arguments_) : dtype_named(r.dtype, file);
    const bool whole = r.verb == "generate";
    if (dtype != machine_.dtype || !whole) text_to_image_.reset();
    if (dtype != machine_.dtype || whole) decoder_.reset();
    machine_.dtype = dtype;
    auto options = options_of(r);
    options.on_progress = show_;
    if (whole) {
      auto& model = loaded(text_to_image_, r, file, [&](const fs::path& folder) {
        return TextToImage::load(folder, machine_);
      });
      return std::move(model.generate({r.prompt}, options).front());
    }
    auto& model = loaded(decoder_, r, file, [&](const fs::path& folder) {
      return EmbeddingPipeline::load(folder, {.text = true, .decoder = true}, machine_);
    });
    return std::move(model.decode(row_of(r, model, file), options).front());
  }

 private:
  template <class Model, class Load>
  Model& loaded(std::optional<Model>& model, const Recipe& r, const std::string& file,
                const Load& load) {
    if (!model) model.emplace(load(find_model(arguments_.text("model"))));
    expect_painted_by(model->model(), r, file, arguments_.on("force"));
    return *model;
  }

  const Arguments& arguments_;
  PipelineOptions machine_;
  OnProgress show_;
  std::optional<TextToImage> text_to_image_;
  std::optional<EmbeddingPipeline> decoder_;
};

void tell(const std::string& file, const Difference& d, const std::string& painted, bool json,
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
  out << object.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace) << std::endl;
}

/// Paints the file again, tells, and writes what was painted where --output is given.
bool replay_one(Repainter& repainter, const std::string& file, int64_t index,
                const OutputName& output, const Arguments& arguments, const Streams& streams,
                ProgressBar& progress) {
  const auto recipe = read_recipe(file);
  const auto was = to_uint8(read_png(file));
  const auto image = repainter.paint(recipe, file);
  const auto is = to_uint8(image.image);
  if (was.sizes() != is.sizes()) {
    fail(file, ": is ", was.size(2), " x ", was.size(1), " pixels, its recipe paints ", is.size(2),
         " x ", is.size(1));
  }
  const auto apart = difference(was, is);
  std::string painted;
  if (arguments.given("output")) {
    const auto texts = read_png_text(file);
    painted = write_png(output.path(index, recipe.seed), image.image, texts, write_mode(arguments))
                  .string();
  }
  progress.clear();
  tell(file, apart, painted, arguments.on("json"), streams.out);
  return apart.same();
}

void replay(const Arguments& arguments, const Streams& streams) {
  const auto& files = arguments.words();
  if (files.empty()) throw UsageError("there is no picture; FILE.png... is wanted");
  const auto count = static_cast<int64_t>(files.size());
  const OutputName output(picture_output(arguments), "unclip-{seed}.png", count);
  if (arguments.given("output")) output.prepare(0);
  catch_interrupts();
  ProgressBar progress(streams);
  Repainter repainter(arguments, shown_by(progress, arguments.on("quiet")));
  int64_t others = 0;
  for (int64_t i = 0; i < count; ++i) {
    others += !replay_one(repainter, files[static_cast<size_t>(i)], i, output, arguments, streams,
                          progress);
  }
  if (others > 0) fail(others, " of ", count, " pictures came out otherwise than they are");
}

}  // namespace

Verb replay_verb() {
  return {"replay",
          "FILE.png...",
          "Paints pictures again from their own metadata, and tells whether they are the same.",
          with_common_flags(
              joined({{{"force", 0, "", "", "paint with another model, too", "Model"},
                       {"dtype", 0, "TYPE", "float32",
                        "numbers to compute in, where not as the picture was painted", "Model"},
                       output_flag("where to write what is painted: FILE, DIR or PATTERN with "
                                   "{i} and {seed} (default: nowhere)")},
                      weights_flags()}),
              {"seed"}),
          "  unclip replay ball.png\n"
          "  unclip replay pictures/*.png --json\n"
          "  unclip replay ball.png -o again.png\n",
          replay};
}

}  // namespace unclip::cli
