#include "cli/find_model.h"
#include "cli/gallery.h"
#include "cli/interrupt.h"
#include "cli/prompts.h"
#include "cli/sampling.h"
#include "cli/verbs.h"

namespace unclip::cli {
namespace {

void generate(const Arguments& arguments, const Streams& streams) {
  const auto count = arguments.integer("count", 1, kMostImages);
  const auto prompts = read_prompts(arguments, streams.in);
  const auto images = static_cast<int64_t>(prompts.size()) * count;
  auto options = sampling_options(arguments, images);
  options.count = count;
  OutputName output(picture_output(arguments), "unclip-{seed}.png", images);
  auto model = TextToImage::load(find_model(arguments.text("model")), pipeline_options(arguments));
  expect_steps(model.model(), options);

  ProgressBar progress(streams);
  const auto recipe = common_recipe(arguments, model.model(), model.settings(options));
  Gallery gallery(arguments, std::move(output), recipe, streams, progress);
  gallery.prepare(options.seed);
  if (!arguments.on("quiet")) {
    tell_unknown_words(prompts, model.model().defaults(), streams.err);
    tell_seed(options.seed, images, streams.err);
  }

  catch_interrupts();
  options.on_progress = shown_by(progress, arguments.on("quiet"));
  options.on_image = [&](GeneratedImage&& image) { gallery.add(std::move(image)); };
  model.generate(prompts, options);
  gallery.finish();
}

}  // namespace

Verb generate_verb() {
  return {"generate",
          "PROMPT...",
          "Paints pictures from prompts.",
          with_common_flags(joined(
              {prompt_flags(), prior_flags(), decoder_flags(), sampling_flags(), gallery_flags()})),
          "  unclip \"a red ball left of a green cone\"\n"
          "  unclip \"a blue star\" \"a pink ring\" -n 4 -s 7 -o pictures/\n"
          "  unclip --prompts prompts.txt -o 'pictures/{i}-{seed}.png' --json > pictures.jsonl\n"
          "  unclip generate -m ~/models/karlo --part prior=~/models/karlo-alpha \\\n"
          "      --dtype bfloat16 --low-memory \"a corgi on a skateboard\"\n"
          "  unclip -- index        a prompt that is a verb's name, or begins with -\n",
          generate};
}

}  // namespace unclip::cli
