#include <memory>
#include <ostream>

#include "cli/choose_verb.h"
#include "cli/find_model.h"
#include "cli/gallery.h"
#include "cli/interrupt.h"
#include "cli/prompts.h"
#include "cli/sampling.h"
#include "cli/verbs.h"
#include "engine/best_of.h"

namespace unclip::cli {
namespace {

constexpr int64_t kMostBestOf = 1000;

Flag best_of_flag() {
  return {"best-of",
          0,
          "N",
          "1",
          "paint N for each image and keep the one nearest to its prompt by CLIP; its metadata has "
          "the cosine as clip_similarity",
          "Image"};
}

/// Takes the images of a run: all of them, or the best of each --best-of.
std::function<void(GeneratedImage&&)> taker(const Arguments& arguments, int64_t best_of,
                                            std::function<void(GeneratedImage&&)> take) {
  if (best_of == 1) return take;
  auto scorer = Engine::load(find_model(arguments.text("model")), {.image_encoder = true},
                             pipeline_options(arguments));
  const auto best = std::make_shared<BestOf>(std::move(scorer), best_of, std::move(take));
  return [best](GeneratedImage&& image) { best->add(std::move(image)); };
}

/// What is printed before the first step.
void print_start(const std::vector<std::string>& prompts, const GenerateOptions& options,
                 const Engine& model, std::ostream& err) {
  if (looks_unquoted(prompts)) {
    err << "unclip: each word is a prompt of its own; quote a prompt of several words: \"";
    for (const auto& word : prompts) err << (&word == &prompts.front() ? "" : " ") << word;
    err << "\"\n";
  }
  tell_size(model, options, err);
  tell_unknown_words(prompts, model.model().defaults(), err);
  tell_unknown_words({options.negative_prompt.value_or("")}, model.model().defaults(), err);
  const auto images = static_cast<int64_t>(prompts.size()) * options.count;
  if (images > 0) tell_seed(options.seed, images, err);
}

std::optional<std::string> next_prompt(LineReader& lines) {
  const InterruptibleReads while_it_waits;
  return lines.next();
}

/// Paints each prompt of standard input as it comes, with the seeds that follow.
void paint_stream(LineReader& lines, Engine& model, GenerateOptions options, bool quiet,
                  const Streams& streams) {
  for (;;) {
    const auto prompt = next_prompt(lines);
    if (interrupted()) throw Cancelled();
    if (!prompt) return;
    if (!quiet) print_start({*prompt}, options, model, streams.err);
    model.generate({*prompt}, options);
    options.seed += static_cast<uint64_t>(options.count);
  }
}

void generate(const Arguments& arguments, const Streams& streams) {
  const auto count = arguments.integer("count", 1, kMostImages);
  const auto best_of = arguments.integer("best-of", 1, kMostBestOf);
  PromptStream prompts(arguments, streams.in);
  const auto images = static_cast<int64_t>(prompts.first.size()) * count;
  auto options = sampling_options(arguments, images * best_of);
  options.count = count * best_of;
  OutputName output(image_output(arguments, streams), "unclip-{seed}.png",
                    prompts.rest ? 0 : images);
  auto model = Engine::load(find_model(arguments.text("model")), pipeline_options(arguments));
  expect_sampling(model.model(), options, {.prior = true, .decoder = true});

  ProgressBar progress(streams);
  const auto recipe = common_recipe(arguments, model, options);
  Gallery gallery(arguments, std::move(output), recipe, streams, progress);
  gallery.prepare(options.seed,
                  [&](int64_t i) { return prompts.first[static_cast<size_t>(i / count)]; });
  options.on_progress = shown_by(progress, arguments.on("quiet"));
  int64_t index = 0;  // over all prompts, those of standard input too
  options.on_image = taker(arguments, best_of, [&](GeneratedImage&& image) {
    image.index = index++;
    gallery.add(std::move(image));
  });
  if (!arguments.on("quiet")) print_start(prompts.first, options, model, streams.err);

  catch_interrupts();
  model.generate(prompts.first, options);
  if (prompts.rest) {
    options.seed += static_cast<uint64_t>(images * best_of);
    paint_stream(*prompts.rest, model, options, arguments.on("quiet"), streams);
  }
  gallery.finish();
}

}  // namespace

Verb generate_verb() {
  return {"generate",
          "PROMPT...",
          "Make images from prompts.",
          with_common_flags(joined({prompt_flags(),
                                    {best_of_flag()},
                                    sampling_flags(),
                                    prior_flags(),
                                    decoder_flags(),
                                    size_flags(),
                                    gallery_flags()})),
          "  unclip \"a red ball left of a green cone\"\n"
          "  unclip \"a blue star\" \"a pink ring\" -n 4 -s 7 -o images/\n"
          "  unclip \"a red ball left of a green cone\" --best-of 4 -o best.png\n"
          "  unclip --prompts prompts.txt -o 'images/{prompt}/{seed}.webp' --json > images.jsonl\n"
          "  unclip \"a red ball\" -o - > ball.png\n"
          "  unclip generate -m ~/models/karlo --part prior=$HOME/models/karlo-alpha \\\n"
          "      --dtype bfloat16 --low-memory \"a corgi on a skateboard\"\n"
          "  unclip -- index        # a prompt that is a command's name, or begins with -\n",
          generate};
}

}  // namespace unclip::cli
