#include <cstdio>
#include <nlohmann/json.hpp>
#include <ostream>

#include "cli/embedding_files.h"
#include "cli/find_model.h"
#include "cli/image_inputs.h"
#include "cli/interrupt.h"
#include "cli/originals.h"
#include "cli/prompts.h"
#include "cli/sampling.h"
#include "cli/verbs.h"
#include "engine/engine.h"

namespace unclip::cli {
namespace {

void tell(const std::vector<std::string>& paths, const std::vector<double>& psnr,
          std::ostream& err) {
  for (size_t i = 0; i < paths.size(); ++i) {
    char text[32];
    std::snprintf(text, sizeof text, "%.1f", psnr[i]);
    err << paths[i] << ": decodes back with a PSNR of " << text << " dB\n";
  }
}

void invert(const Arguments& arguments, const Streams& streams) {
  expect_utf8("--prompt", arguments.text("prompt"));
  const ImageInputs inputs(arguments, streams.in);
  if (inputs.empty()) throw UsageError("expected images: FILE... or --files LIST");
  InvertOptions options{.steps = arguments.integer("decoder-steps", 1, kMostImages),
                        .iterations = arguments.integer("iterations", 1, 100),
                        .batch_size = arguments.integer("batch-size", 1, kMostImages)};
  const EmbeddingOutput output(arguments, {.fallback = "unclip-inverted.safetensors", .npy = false},
                               streams);
  auto model = Engine::load(find_model(arguments.text("model")),
                            {.decoder = true, .image_encoder = true}, pipeline_options(arguments));
  GenerateOptions sampling;
  sampling.stages[model.model().layout().decoder_stage().name].steps = options.steps;
  expect_sampling(model.model(), sampling, model.needs());

  auto [pixels, rows] = read_originals(inputs, model, arguments);
  catch_interrupts();
  ProgressBar progress(streams);
  options.on_progress = shown_by(progress, arguments.on("quiet"));
  rows.start = model.invert(rows, pixels, options);
  const auto psnr = model.reconstruction_psnr(rows, pixels, options);
  progress.clear();
  if (!arguments.on("quiet")) tell(inputs.names(), psnr, streams.err);
  output.write(std::move(rows), streams, {{"psnr", psnr}});
}

}  // namespace

Verb invert_verb() {
  return {
      "invert",
      "FILE...",
      "Find the noise from which the decoder makes an image again.",
      with_common_flags(
          joined(
              {{{"prompt", 0, "TEXT", "", "text that the decoder gets (default: none)", "Image"},
                {"decoder-steps", 0, "N", std::to_string(kInversionSteps),
                 "steps of ddim from the image to its noise", "Sampling"},
                {"iterations", 0, "N", "1",
                 "evaluations of the decoder a step; more take longer and come nearer", "Sampling"},
                output_flag("a .safetensors file, a folder, or - for standard output "
                            "(default: ./unclip-inverted.safetensors)"),
                {"batch-size", 0, "N", "1", "images at a time", "Machine", false, true}},
               image_input_flags(),
               weights_flags()}),
          {"seed"}),
      "  unclip invert ball.png -o noise.safetensors\n"
      "  unclip decode noise.safetensors --start noise.safetensors -o the-same-ball.png\n"
      "  unclip invert photo.jpg --iterations 2 --json\n",
      invert};
}

}  // namespace unclip::cli
