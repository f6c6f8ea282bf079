#include <cstdio>
#include <nlohmann/json.hpp>
#include <ostream>

#include "base/csv.h"
#include "base/error.h"
#include "base/json_text.h"
#include "cli/deliver.h"
#include "cli/encode_in_batches.h"
#include "cli/find_model.h"
#include "cli/image_inputs.h"
#include "cli/interrupt.h"
#include "cli/progress_bar.h"
#include "cli/prompts.h"
#include "cli/sampling.h"
#include "cli/verbs.h"
#include "embedding/similarity.h"
#include "engine/engine.h"
#include "kernels/tensor.h"

namespace unclip::cli {
namespace {

/// Scores of images (rows) and texts or labels (columns).
struct Ranking {
  std::vector<std::string> pictures, columns;
  at::Tensor scores;  // (N, M) float32: cosines, or probabilities of labels
  bool labels = false;

  double score(size_t row, int64_t column) const {
    return scores[static_cast<int64_t>(row)][column].item<double>();
  }
};

std::string as_csv(const Ranking& ranking) {
  std::string text = "picture";
  for (const auto& column : ranking.columns) text.append(",").append(csv_field(column));
  text += "\n";
  for (size_t i = 0; i < ranking.pictures.size(); ++i) {
    text += csv_field(ranking.pictures[i]);
    for (int64_t j = 0; j < ranking.scores.size(1); ++j)
      text.append(",").append(csv_number(ranking.score(i, j)));
    text += "\n";
  }
  return text;
}

/// The columns in the order of their scores for an image, the best first.
std::vector<int64_t> order(const Ranking& ranking, size_t row) {
  const auto sorted =
      ranking.scores[static_cast<int64_t>(row)].argsort(/*dim=*/0, /*descending=*/true);
  return {sorted.const_data_ptr<int64_t>(), sorted.const_data_ptr<int64_t>() + sorted.numel()};
}

std::string as_json(const Ranking& ranking, int64_t top) {
  std::string text;
  for (size_t i = 0; i < ranking.pictures.size(); ++i) {
    nlohmann::ordered_json scores = nlohmann::ordered_json::array();
    const auto best = order(ranking, i);
    for (int64_t k = 0; k < std::min<int64_t>(top, ranking.scores.size(1)); ++k) {
      const auto column = best[static_cast<size_t>(k)];
      scores.push_back(
          {{ranking.labels ? "label" : "text", ranking.columns[static_cast<size_t>(column)]},
           {ranking.labels ? "probability" : "cosine", ranking.score(i, column)}});
    }
    const nlohmann::ordered_json line = {{"picture", ranking.pictures[i]}, {"scores", scores}};
    text += json_text(line) + "\n";
  }
  return text;
}

/// For people: each image, then its best texts.
std::string as_text(const Ranking& ranking, int64_t top) {
  std::string text;
  for (size_t i = 0; i < ranking.pictures.size(); ++i) {
    text += ranking.pictures[i] + "\n";
    const auto best = order(ranking, i);
    for (int64_t k = 0; k < std::min<int64_t>(top, ranking.scores.size(1)); ++k) {
      const auto column = best[static_cast<size_t>(k)];
      char score[32];
      const double value = ranking.score(i, column);
      std::snprintf(score, sizeof score, ranking.labels ? "  %6.2f %%  " : "  %7.4f  ",
                    ranking.labels ? 100 * value : value);
      text.append(score).append(ranking.columns[static_cast<size_t>(column)]).append("\n");
    }
  }
  return text;
}

at::Tensor encode_files(Engine& model, const ImageInputs& inputs, const Arguments& arguments,
                        const Streams& streams) {
  ProgressBar progress(streams);
  std::vector<at::Tensor> rows;
  encode_in_batches(
      model, inputs.names(), arguments, progress,
      [&](const std::string& path) { return inputs.read(path); },
      [&](const std::vector<std::string>&, const at::Tensor& z) { rows.push_back(z); });
  return ops::cat(rows);
}

/// The texts' embeddings, or with --labels those of the labels in the templates.
at::Tensor encode_columns(Engine& model, const Arguments& arguments, const Ranking& ranking) {
  if (!ranking.labels) return model.encode_texts(ranking.columns);
  auto templates = arguments.texts("template");
  if (templates.empty()) templates = {"{}"};
  for (const auto& each : templates) {
    expect_utf8("--template", each);
    if (each.find("{}") == each.npos) {
      throw UsageError("--template: expected a text with {} for the label, got '" + each + "'");
    }
  }
  return label_embeddings(ranking.columns, templates, [&](const std::vector<std::string>& texts) {
    return model.encode_texts(texts);
  });
}

Ranking asked_for(const Arguments& arguments, const ImageInputs& inputs, std::istream& in) {
  Ranking ranking{.pictures = inputs.names(),
                  .columns = arguments.texts("text"),
                  .scores = {},
                  .labels = arguments.given("labels")};
  if (ranking.pictures.empty()) throw UsageError("expected images: FILE... or --files LIST");
  if (ranking.columns.empty() != ranking.labels) {
    throw UsageError(std::string("expected --text PROMPT... or --labels FILE, got ") +
                     (ranking.labels ? "both" : "neither"));
  }
  if (arguments.given("template") && !ranking.labels) {
    throw UsageError("--template: expected --labels FILE as well, got none");
  }
  if (ranking.labels) ranking.columns = read_list(arguments.text("labels"), in, "label");
  for (const auto& text : ranking.columns) expect_utf8("--text", text);
  return ranking;
}

void rank(const Arguments& arguments, const Streams& streams) {
  expect_one_form(arguments);
  const ImageInputs inputs(arguments, streams.in);
  auto ranking = asked_for(arguments, inputs, streams.in);
  const auto top = arguments.integer_if_given("top", 1, kMostImages)
                       .value_or(static_cast<int64_t>(ranking.columns.size()));
  auto model = Engine::load(find_model(arguments.text("model")),
                            {.text = true, .image_encoder = true}, pipeline_options(arguments));
  if (!arguments.on("quiet")) {
    tell_unknown_words(ranking.columns, model.model().defaults(), streams.err);
  }
  catch_interrupts();
  const auto columns = encode_columns(model, arguments, ranking);
  const auto pictures = encode_files(model, inputs, arguments, streams);
  ranking.scores = cosines(pictures, columns);
  if (ranking.labels) {
    ranking.scores = (ranking.scores * similarity_scale(model.model())).softmax(1);
  }
  deliver({.csv = [&] { return as_csv(ranking); },
           .json = [&] { return as_json(ranking, top); },
           .text = [&] { return as_text(ranking, top); }},
          "unclip-rank", arguments, streams);
}

}  // namespace

Verb rank_verb() {
  return {
      "rank",
      "FILE... --text PROMPT...",
      "Print how near images are to texts, by CLIP.",
      with_common_flags(
          joined(
              {{{"text", 0, "PROMPT...", "", "texts to compare each image with", "Input", true},
                {"labels", 0, "FILE", "",
                 "print the probability of each label in FILE, which has one a line; - is standard "
                 "input",
                 "Input"},
                {"template", 0, "TEXT...", "",
                 "texts with {} for the label, whose embeddings are averaged (default: {})",
                 "Input", true},
                {"top", 0, "K", "", "print the K best of each image (default: all)", "Output"},
                {"csv", 0, "", "", "print all scores as CSV, in the given order", "Output"},
                output_flag("a file or a folder (default: standard output)")},
               image_input_flags(),
               encoding_flags()}),
          {"seed"}),
      "  unclip rank ball.png cube.png --text \"a red ball\" \"a blue cube\" --csv\n"
      "  unclip rank photo.jpg --labels labels.txt --template \"a photo of {}\" --top 3\n"
      "  find pictures -name '*.png' | unclip rank - --text \"a red ball\" --json\n",
      rank};
}

}  // namespace unclip::cli
