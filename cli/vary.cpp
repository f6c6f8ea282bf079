#include "cli/find_model.h"
#include "cli/image_inputs.h"
#include "cli/interrupt.h"
#include "cli/originals.h"
#include "cli/painter.h"
#include "cli/prompts.h"
#include "cli/sampling.h"
#include "cli/verbs.h"
#include "engine/engine.h"

namespace unclip::cli {
namespace {

std::optional<double> chosen_strength(const Arguments& arguments) {
  const auto strength = arguments.number_if_given("strength");
  if (strength && *strength > 1) arguments.refuse("strength", "a number from 0 to 1");
  return strength;
}

void vary(const Arguments& arguments, const Streams& streams) {
  const auto count = arguments.integer("count", 1, kMostImages);
  const auto strength = chosen_strength(arguments);
  expect_utf8("--prompt", arguments.text("prompt"));
  const ImageInputs inputs(arguments, streams.in);
  if (inputs.empty()) throw UsageError("expected images: FILE... or --files LIST");
  const auto images = inputs.size() * count;
  auto options = sampling_options(arguments, images);
  InvertOptions back{
      .batch_size = options.batch_size, .height = options.height, .width = options.width};
  OutputName output(image_output(arguments, streams), "unclip-{seed}.png", images);
  auto model = Engine::load(find_model(arguments.text("model")),
                            {.decoder = true, .image_encoder = true}, pipeline_options(arguments));
  expect_no_negative(model.model(), options, "vary");
  if (strength) {
    const auto& layout = model.model().layout();
    expect_no_sampler(arguments, layout, "--strength");
    options = from_inversion(options, ddim_walk(kInversionSteps), layout);
    auto& decoder = options.stages[layout.decoder_stage().name];
    decoder.walk->own["eta"] = number_text(*strength);
    back.steps = *decoder.steps;
  }
  Painter painter("vary", model, options, std::move(output), arguments, streams);
  auto [pixels, rows] = read_originals(inputs, model, arguments);

  catch_interrupts();
  back.on_progress = painter.on_progress();
  if (strength) rows.start = model.invert(rows, pixels, back);
  auto variations = rows.repeated(count);
  for (size_t i = 0; i < variations.origins.size(); ++i) {
    variations.origins[i].seed = options.seed + i;
  }
  painter.paint(variations);
}

}  // namespace

Verb vary_verb() {
  return {"vary",
          "FILE...",
          "Make variations of images.",
          with_common_flags(
              joined({{{"count", 'n', "N", "1", "variations of each image", "Image"},
                       {"prompt", 0, "TEXT", "",
                        "text that the decoder gets with the embedding (default: none)", "Image"},
                       {"strength", 0, "S", "",
                        "0 to 1, how much of the image's own noise is drawn anew (default: new "
                        "noise only); at 0 the image comes back",
                        "Image"}},
                      image_input_flags(),
                      sampling_flags(),
                      decoder_flags(),
                      size_flags(),
                      gallery_flags()})),
          "  unclip vary ball.png -n 4 -s 7 -o variations/\n"
          "  unclip vary ball.png --strength 0.5 -s 7 -o near.png\n"
          "  cat photo.jpg | unclip vary - -o - > relative.png\n"
          "  unclip vary photo.jpg -m ~/models/karlo-image-variations -o relative.png\n",
          vary};
}

}  // namespace unclip::cli
