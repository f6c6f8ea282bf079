#include "cli/embedding_files.h"
#include "cli/find_model.h"
#include "cli/interrupt.h"
#include "cli/prompts.h"
#include "cli/sampling.h"
#include "cli/verbs.h"
#include "engine/engine.h"

namespace unclip::cli {
namespace {

void prior(const Arguments& arguments, const Streams& streams) {
  const auto count = arguments.integer("count", 1, kMostImages);
  const auto keep = arguments.integer_if_given("rank", 1, count);
  const auto prompts = read_prompts(arguments, streams.in);
  const auto rows = static_cast<int64_t>(prompts.size()) * count;
  auto options = sampling_options(arguments, rows);
  options.count = count;
  const EmbeddingOutput output(arguments, {}, streams);
  auto model = Engine::load(find_model(arguments.text("model")), {.prior = true},
                            pipeline_options(arguments));
  expect_sampling(model.model(), options, {.prior = true});
  const bool two = options.negative_prompt && model.model().layout().negative_embedding;
  if (two && output.path().extension() == ".npy") {
    throw UsageError(
        "--output: expected a name that ends in .safetensors, for a negative prompt "
        "makes a second embedding");
  }
  if (!arguments.on("quiet")) {
    tell_unknown_words(prompts, model.model().defaults(), streams.err);
    tell_unknown_words({options.negative_prompt.value_or("")}, model.model().defaults(),
                       streams.err);
    tell_seed(options.seed, rows, streams.err);
  }

  catch_interrupts();
  ProgressBar progress(streams);
  options.on_progress = shown_by(progress, arguments.on("quiet"));
  auto embeddings = model.prior(prompts, options);
  progress.clear();
  if (keep) embeddings = nearest_to_text(embeddings, count, *keep);
  // An array holds one tensor: what the prior made, without the texts' own.
  if (output.path().extension() == ".npy") embeddings.text_embedding = at::Tensor();
  output.write(std::move(embeddings), streams);
}

}  // namespace

Verb prior_verb() {
  return {"prior",
          "PROMPT...",
          "Turn prompts into image embeddings.",
          with_common_flags(joined({prompt_flags(),
                                    {{"rank", 0, "K", "",
                                      "keep the K embeddings of each prompt nearest to its text "
                                      "embedding, the nearest first",
                                      "Image"},
                                     embedding_output_flag()},
                                    sampling_flags(),
                                    prior_flags()})),
          "  unclip prior \"a red ball\" -s 7 -o ball.safetensors\n"
          "  unclip prior \"a red ball\" \"a blue cube\" -n 8 --rank 2 -o two-of-eight.npy\n"
          "  unclip prior \"a red ball\" -s 7 -o - | unclip decode - -o ball.png\n",
          prior};
}

}  // namespace unclip::cli
