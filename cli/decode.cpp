#include "base/error.h"
#include "cli/embedding_files.h"
#include "cli/find_model.h"
#include "cli/interrupt.h"
#include "cli/painter.h"
#include "cli/prompts.h"
#include "cli/sampling.h"
#include "cli/verbs.h"
#include "engine/engine.h"
#include "kernels/tensor.h"

namespace unclip::cli {
namespace {

/// The image embeddings of all files, one after the other.
Embeddings read_all(const Arguments& arguments, const Engine& model, std::istream& in) {
  if (arguments.words().empty()) {
    throw UsageError("decode: expected an embedding file: EMB... or -");
  }
  Embeddings all;
  std::vector<at::Tensor> rows, negatives;
  for (const auto& name : arguments.words()) {
    const auto file = read_image_embeddings(name, in, model, arguments.on("force"));
    rows.push_back(file.image_embedding);
    const auto& negative = file.negative_image_embedding;
    const bool first = rows.size() == 1;
    if (!first && negative.defined() == negatives.empty()) {
      fail(name, ": expected 'negative_image_embedding' in all files or in none, found ",
           negative.defined() ? "it" : "none");
    }
    if (negative.defined()) negatives.push_back(negative);
    all.origins.insert(all.origins.end(), file.origins.begin(), file.origins.end());
  }
  all.image_embedding = ops::cat(rows);
  if (!negatives.empty()) all.negative_image_embedding = ops::cat(negatives);
  return all;
}

/// Each row `count` times. What --prompt, --no-prompt and --seed say stands for what the row knows;
/// a row without a seed gets the next one from `first_seed` on.
Embeddings to_paint(const Embeddings& embeddings, const Arguments& arguments, int64_t count,
                    uint64_t first_seed) {
  auto result = embeddings.repeated(count);
  for (size_t i = 0; i < result.origins.size(); ++i) {
    auto& origin = result.origins[i];
    if (arguments.on("no-prompt")) origin.prompt.reset();
    if (arguments.given("prompt")) origin.prompt = arguments.text("prompt");
    if (arguments.given("seed") || !origin.seed) {
      origin.seed = first_seed + i;
      origin.draws = 0;
    } else {
      origin.seed = *origin.seed + i % static_cast<uint64_t>(count);
    }
  }
  return result;
}

/// x_T of --start for each row.
StartNoise read_start(const std::string& name, const Engine& model, int64_t rows,
                      const GenerateOptions& options) {
  auto start = read_start_noise(name);
  expect_noise_of(model, start.x_T, name, options);
  const auto found = start.x_T.size(0);
  if (found != 1 && found != rows) {
    fail(name, ": expected one x_T, or one for each of ", rows, " embeddings, found ", found);
  }
  start.x_T = start.x_T.expand({rows, -1, -1, -1});
  return start;
}

void decode(const Arguments& arguments, const Streams& streams) {
  const auto count = arguments.integer("count", 1, kMostImages);
  if (arguments.given("prompt") && arguments.on("no-prompt")) {
    throw UsageError("--prompt: cannot be combined with --no-prompt");
  }
  expect_utf8("--prompt", arguments.text("prompt"));
  auto model = Engine::load(find_model(arguments.text("model")), {.decoder = true},
                            pipeline_options(arguments));
  auto read = read_all(arguments, model, streams.in);
  const auto images = read.rows() * count;
  auto options = sampling_options(arguments, images);
  if (arguments.given("start")) {
    if (arguments.given("preset")) {
      throw UsageError("--preset: cannot be combined with --start, whose file sets the sampler");
    }
    read.start = read_start(arguments.text("start"), model, read.rows(), options);
    const auto& layout = model.model().layout();
    if (read.start.walk && !options.stages[layout.decoder_stage().name].walk) {
      options = from_inversion(options, *read.start.walk, layout);
    }
  }
  const auto embeddings = to_paint(read, arguments, count, options.seed);
  options.seed = *embeddings.origins.front().seed;
  Painter painter("decode", model, options,
                  OutputName(image_output(arguments, streams), "unclip-{seed}.png", images),
                  arguments, streams);
  catch_interrupts();
  painter.paint(embeddings);
}

}  // namespace

Verb decode_verb() {
  return {
      "decode",
      "EMB...",
      "Make images of image embeddings.",
      with_common_flags(joined(
          {{{"count", 'n', "N", "1", "images of each embedding", "Image"},
            {"prompt", 0, "TEXT", "",
             "text that the decoder gets with the embedding (default: the prompt in its file)",
             "Image"},
            {"no-prompt", 0, "", "", "give the decoder no text", "Image"},
            {"start", 0, "NOISE", "",
             "start from the x_T of a file that `unclip invert` wrote, or of a .npy (default: the "
             "seed's noise); sampler, steps and guidance 1 of the inversion are used",
             "Image"},
            {"force", 0, "", "", "decode another model's embeddings if the widths agree", "Input",
             false, true}},
           sampling_flags(),
           decoder_flags(),
           size_flags(),
           gallery_flags()})),
      "  unclip decode ball.safetensors -o ball.png\n"
      "  unclip decode embeddings.npy --no-prompt -n 4 -s 7 -o pictures/\n"
      "  unclip decode inverted.safetensors --start inverted.safetensors -o again.png\n"
      "  unclip prior \"a red ball\" -s 7 -o - | unclip decode - -o ball.png\n",
      decode};
}

}  // namespace unclip::cli
