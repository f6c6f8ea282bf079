#include <ATen/ATen.h>

#include "cli/find_model.h"
#include "cli/gallery.h"
#include "cli/interrupt.h"
#include "cli/picture_paths.h"
#include "cli/prompts.h"
#include "cli/sampling.h"
#include "cli/verbs.h"
#include "image/read_picture.h"
#include "pipeline/embedding_pipeline.h"

namespace unclip::cli {
namespace {

/// `count` rows of each picture's embedding, with seeds that follow each other.
Embeddings rows_of(EmbeddingPipeline& model, const std::vector<std::string>& paths, int64_t count,
                   const Arguments& arguments, uint64_t first_seed) {
  Embeddings rows;
  std::vector<at::Tensor> embeddings;
  for (const auto& path : paths) {
    const auto z = model.encode_pictures({read_picture(path)});  // (1, D)
    for (int64_t i = 0; i < count; ++i) {
      embeddings.push_back(z);
      Origin origin{.path = path, .seed = first_seed + rows.origins.size()};
      if (arguments.given("prompt")) origin.prompt = arguments.text("prompt");
      rows.origins.push_back(std::move(origin));
    }
  }
  rows.image_embedding = at::cat(embeddings);
  return rows;
}

void vary(const Arguments& arguments, const Streams& streams) {
  const auto count = arguments.integer("count", 1, kMostImages);
  expect_utf8("--prompt", arguments.text("prompt"));
  const auto paths = picture_paths(arguments.words(), streams.in);
  if (paths.empty()) throw UsageError("there is no picture; FILE... is wanted");
  const auto images = static_cast<int64_t>(paths.size()) * count;
  auto options = sampling_options(arguments, images);
  OutputName output(picture_output(arguments), "unclip-{seed}.png", images);
  auto model = EmbeddingPipeline::load(find_model(arguments.text("model")),
                                       {.text = true, .decoder = true, .image_encoder = true},
                                       pipeline_options(arguments));
  expect_steps(model.model(), options);

  ProgressBar progress(streams);
  auto recipe = common_recipe(arguments, model.model(), model.settings(options));
  recipe.verb = "vary";
  Gallery gallery(arguments, std::move(output), recipe, streams, progress);
  gallery.prepare(options.seed);
  if (!arguments.on("quiet")) tell_seed(options.seed, images, streams.err);
  const auto rows = rows_of(model, paths, count, arguments, options.seed);

  catch_interrupts();
  options.on_progress = shown_by(progress, arguments.on("quiet"));
  options.on_image = [&](GeneratedImage&& image) { gallery.add(std::move(image)); };
  model.decode(rows, options);
  gallery.finish();
}

}  // namespace

Verb vary_verb() {
  return {
      "vary",
      "FILE...",
      "Paints variations of pictures.",
      with_common_flags(joined({{{"count", 'n', "N", "1", "variations of each picture", "Picture"},
                                 {"prompt", 0, "TEXT", "",
                                  "what the decoder is told beside the embedding (default: "
                                  "nothing)",
                                  "Picture"}},
                                decoder_flags(),
                                sampling_flags(),
                                {tensors_flag()}})),
      "  unclip vary ball.png -n 4 -s 7 -o variations/\n"
      "  unclip vary photo.jpg -m ~/models/karlo-image-variations -o relative.png\n",
      vary};
}

}  // namespace unclip::cli
