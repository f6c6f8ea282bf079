#include <memory>

#include "cli/find_model.h"
#include "cli/gallery.h"
#include "cli/interrupt.h"
#include "cli/prompts.h"
#include "cli/sampling.h"
#include "cli/verbs.h"
#include "pipeline/best_of.h"

namespace unclip::cli {
namespace {

constexpr int64_t kMostBestOf = 1000;

Flag best_of_flag() {
  return {"best-of",
          0,
          "N",
          "1",
          "paint N for each picture, and keep the nearest to its prompt by CLIP; that is in its "
          "metadata as clip_similarity",
          "Picture"};
}

/// Takes the pictures of a run: all of them, or the best of each --best-of.
std::function<void(GeneratedImage&&)> taker(const Arguments& arguments, int64_t best_of,
                                            std::function<void(GeneratedImage&&)> take) {
  if (best_of == 1) return take;
  auto scorer = EmbeddingPipeline::load(find_model(arguments.text("model")),
                                        {.image_encoder = true}, pipeline_options(arguments));
  const auto best = std::make_shared<BestOf>(std::move(scorer), best_of, std::move(take));
  return [best](GeneratedImage&& image) { best->add(std::move(image)); };
}

void generate(const Arguments& arguments, const Streams& streams) {
  const auto count = arguments.integer("count", 1, kMostImages);
  const auto best_of = arguments.integer("best-of", 1, kMostBestOf);
  const auto prompts = read_prompts(arguments, streams.in);
  const auto images = static_cast<int64_t>(prompts.size()) * count;
  auto options = sampling_options(arguments, images * best_of);
  options.count = count * best_of;
  OutputName output(picture_output(arguments), "unclip-{seed}.png", images);
  auto model = TextToImage::load(find_model(arguments.text("model")), pipeline_options(arguments));
  expect_sampling(model.model(), options, {.prior = true, .decoder = true});

  ProgressBar progress(streams);
  const auto recipe = common_recipe(arguments, model.model(), options);
  Gallery gallery(arguments, std::move(output), recipe, streams, progress);
  gallery.prepare(options.seed);
  options.on_progress = shown_by(progress, arguments.on("quiet"));
  options.on_image =
      taker(arguments, best_of, [&](GeneratedImage&& image) { gallery.add(std::move(image)); });
  if (!arguments.on("quiet")) {
    tell_unknown_words(prompts, model.model().defaults(), streams.err);
    tell_unknown_words({options.negative_prompt}, model.model().defaults(), streams.err);
    tell_seed(options.seed, images * best_of, streams.err);
  }

  catch_interrupts();
  model.generate(prompts, options);
  gallery.finish();
}

}  // namespace

Verb generate_verb() {
  return {"generate",
          "PROMPT...",
          "Paints pictures from prompts.",
          with_common_flags(joined({prompt_flags(),
                                    {best_of_flag()},
                                    prior_flags(),
                                    decoder_flags(),
                                    sampling_flags(),
                                    gallery_flags()})),
          "  unclip \"a red ball left of a green cone\"\n"
          "  unclip \"a blue star\" \"a pink ring\" -n 4 -s 7 -o pictures/\n"
          "  unclip \"a red ball left of a green cone\" --best-of 4 -o best.png\n"
          "  unclip --prompts prompts.txt -o 'pictures/{i}-{seed}.png' --json > pictures.jsonl\n"
          "  unclip generate -m ~/models/karlo --part prior=$HOME/models/karlo-alpha \\\n"
          "      --dtype bfloat16 --low-memory \"a corgi on a skateboard\"\n"
          "  unclip -- index        # a prompt that is a verb's name, or begins with -\n",
          generate};
}

}  // namespace unclip::cli
