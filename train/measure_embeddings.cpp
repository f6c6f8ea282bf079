#include <ATen/ATen.h>

#include "embedding/similarity.h"
#include "image/png.h"
#include "judge/look.h"
#include "judge/verdict.h"
#include "train/embedding_trial.h"
#include "train/measure.h"
#include "train/measure_moves.h"

namespace unclip::train {
namespace {

/// How often a rendered image that is encoded and then decoded without a prompt shows the same.
std::vector<Figure> variations(EmbeddingTrial& trial) {
  world::Random random(trial.options().seed);
  const auto examples =
      trial.examples(random, [](world::Random& r) { return world::random_claim(r); });
  std::vector<Figure> figures = {{"variation: shape, colour and place", {}},
                                 {"variation: sizes, too", {}},
                                 {"variation: everything", {}}};
  trial.judged("variations", trial.rows(trial.encode(examples)), {}, {examples},
               [&](size_t i, const judge::Sighting& seen) {
                 const auto request =
                     judge::parse_request(world::plain_caption(claim_of(examples[i].scene)));
                 const auto v = judge::compare(seen, request);
                 const bool kept = v.count && v.attribution && v.position;
                 figures[0].count.add(kept);
                 figures[1].count.add(kept && v.sizes);
                 figures[2].count.add(v.right());
                 return v.right();
               });
  return figures;
}

/// How often a rendered image of one object gets the right one of the 48 labels "a COLOUR SHAPE".
Figure zero_shot(EmbeddingTrial& trial) {
  std::vector<std::string> labels;
  std::vector<world::Claim> claims;
  for (int shape = 0; shape < world::kShapes; ++shape) {
    for (int colour = 0; colour < world::kColours; ++colour) {
      world::Claim claim;
      claim.objects.push_back(
          {static_cast<world::Shape>(shape), static_cast<world::Colour>(colour), std::nullopt});
      claims.push_back(claim);
      labels.push_back(world::plain_caption(claim));
    }
  }
  const auto texts = label_embeddings(labels, {"{}"}, [&](const std::vector<std::string>& each) {
    return trial.model().encode_texts(each);
  });
  world::Random random(trial.options().seed);
  Figure figure{"zero-shot: shape and colour of one object, of 48", {}};
  for (int64_t i = 0; i < trial.options().pictures; ++i) {
    const auto wanted = i % static_cast<int64_t>(claims.size());
    const auto z = trial.encode({random_example(claims[static_cast<size_t>(wanted)], random)});
    figure.count.add(cosines(z, texts).argmax().item<int64_t>() == wanted);
  }
  return figure;
}

}  // namespace

void measure_embeddings(const MeasureOptions& options) {
  EmbeddingTrial trial(options);
  auto figures = variations(trial);
  figures.push_back(zero_shot(trial));
  figures.push_back(relatives(trial));
  figures.push_back(middles_of_objects(trial));
  figures.push_back(middles_of_pairs(trial));
  figures.push_back(red_to_blue(trial));
  figures.push_back(recoloured(trial));
  print_figures(figures, {inverted(trial)}, options.json);
}

}  // namespace unclip::train
