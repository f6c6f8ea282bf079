#include "train/measure_moves.h"

#include <ATen/ATen.h>

#include <algorithm>

#include "embedding/spherical.h"
#include "judge/look.h"
#include "judge/verdict.h"

namespace unclip::train {
namespace {

world::Claim any(world::Random& random) { return world::random_claim(random); }
world::Claim one_object(world::Random& random) { return world::random_claim(random, 1); }

judge::Request request_of(const Example& example) {
  return judge::parse_request(world::plain_caption(claim_of(example.scene)));
}

judge::Sighting look_at(const Example& example) {
  return judge::look(render_batch({example}, EmbeddingTrial::kSide)[0]);
}

/// Whether there is at least one object, and every object has a shape and a colour of a or of b.
bool is_of_either(const judge::Sighting& seen, const Example& a, const Example& b) {
  auto both = request_of(a).objects;
  for (const auto& object : request_of(b).objects) both.push_back(object);
  const auto has = [&](auto fits) { return std::any_of(both.begin(), both.end(), fits); };
  return !seen.objects.empty() &&
         std::all_of(seen.objects.begin(), seen.objects.end(), [&](const judge::Seen& object) {
           return has([&](const judge::Wanted& wanted) { return wanted.shape == object.shape; }) &&
                  has([&](const judge::Wanted& wanted) { return wanted.colour == object.colour; });
         });
}

Count middles(EmbeddingTrial& trial, const std::string& name, const std::vector<Example>& a,
              const std::vector<Example>& b) {
  const auto z_a = trial.encode(a), z_b = trial.encode(b);
  std::vector<at::Tensor> z;
  for (int64_t i = 0; i < z_a.size(0); ++i) {
    z.push_back(spherical_mean(at::stack({z_a[i], z_b[i]}), {1, 1}));
  }
  return trial.judged(
      name, trial.rows(at::stack(z)), {.guidance = trial.model().model().defaults().mix_guidance},
      {a, b},
      [&](size_t i, const judge::Sighting& seen) { return is_of_either(seen, a[i], b[i]); });
}

/// Moves each example's image to its own colour of `colours`, and counts the successes.
Count moved(EmbeddingTrial& trial, const std::string& name, const std::vector<Example>& examples,
            const std::vector<world::Colour>& colours) {
  const auto z = trial.encode(examples);
  auto rows = trial.rows(z);
  rows.start = trial.model().invert(rows, EmbeddingTrial::pictures(examples),
                                    {.batch_size = trial.options().batch_size,
                                     .on_progress = trial.progress(name + ": inversion")});
  std::vector<at::Tensor> turned;
  std::vector<judge::Request> wanted;
  for (size_t i = 0; i < examples.size(); ++i) {
    world::Claim claim = examples[i].claim;
    claim.background.reset();
    claim.objects[0].size.reset();
    const auto from = world::plain_caption(claim);
    claim.objects[0].colour = colours[i];
    const auto to = world::plain_caption(claim);
    const auto texts = trial.model().encode_texts({from, to});
    turned.push_back(text_diff(z[static_cast<int64_t>(i)], texts[0], texts[1], kDiffTheta));
    wanted.push_back(judge::parse_request(to));
  }
  rows.image_embedding = at::stack(turned);
  return trial.judged(
      name, rows,
      from_inversion({}, *rows.start.walk, trial.model().model().layout(), kDiffGuidance),
      {examples}, [&](size_t i, const judge::Sighting& seen) {
        const auto before = look_at(examples[i]);
        return seen.background == before.background &&
               same_places(before, seen, *wanted[i].objects[0].colour);
      });
}

}  // namespace

Figure relatives(EmbeddingTrial& trial) {
  world::Random random(trial.options().seed);
  const auto examples = trial.examples(random, any);
  auto rows = trial.rows(trial.encode(examples));
  rows.start = trial.model().invert(rows, EmbeddingTrial::pictures(examples),
                                    {.batch_size = trial.options().batch_size,
                                     .on_progress = trial.progress("relatives: inversion")});
  const auto& layout = trial.model().model().layout();
  auto generate = from_inversion({}, *rows.start.walk, layout);
  generate.stages[layout.decoder_stage().name].walk->own.emplace("eta", number_text(1));
  return {"relative at strength 1: shape, colour and place",
          trial.judged("relatives", rows, generate, {examples},
                       [&](size_t i, const judge::Sighting& seen) {
                         return same_places(look_at(examples[i]), seen);
                       })};
}

Figure middles_of_objects(EmbeddingTrial& trial) {
  world::Random random(trial.options().seed);
  const auto a = trial.examples(random, one_object);
  auto next = a.begin();
  const auto b = trial.examples(random, [&](world::Random& r) {
    const auto& other = (next++)->claim.objects[0];
    auto claim = one_object(r);
    while (claim.objects[0].shape == other.shape || claim.objects[0].colour == other.colour) {
      claim = one_object(r);
    }
    return claim;
  });
  return {"mix of two objects: shapes and colours of these alone",
          middles(trial, "mix-objects", a, b)};
}

Figure middles_of_pairs(EmbeddingTrial& trial) {
  world::Random random(trial.options().seed);
  const auto two = [](world::Random& r) { return world::random_claim(r, 2); };
  const auto a = trial.examples(random, two), b = trial.examples(random, two);
  return {"mix of two pairs of objects: likewise", middles(trial, "mix-pairs", a, b)};
}

Figure red_to_blue(EmbeddingTrial& trial) {
  world::Random random(trial.options().seed);
  const auto examples = trial.examples(random, [](world::Random& r) {
    auto claim = one_object(r);
    claim.objects[0].shape = world::Shape::kBall;
    claim.objects[0].colour = world::Colour::kRed;
    return claim;
  });
  const std::vector<world::Colour> blue(examples.size(), world::Colour::kBlue);
  return {"diff of a red ball to a blue one: colour, and shape, place and background kept",
          moved(trial, "diff-red-to-blue", examples, blue)};
}

Figure recoloured(EmbeddingTrial& trial) {
  world::Random random(trial.options().seed);
  const auto examples = trial.examples(random, one_object);
  std::vector<world::Colour> colours;
  for (const auto& example : examples) {
    const auto before = static_cast<int>(example.claim.objects[0].colour);
    const auto step = world::below(random, world::kColours - 1) + 1;
    colours.push_back(static_cast<world::Colour>((before + step) % world::kColours));
  }
  return {"diff of any object to any other colour: likewise",
          moved(trial, "diff-colours", examples, colours)};
}

Quantity inverted(EmbeddingTrial& trial) {
  world::Random random(trial.options().seed);
  const auto examples = trial.examples(random, any);
  auto rows = trial.rows(trial.encode(examples));
  const auto pictures = EmbeddingTrial::pictures(examples);
  const InvertOptions invert{.batch_size = trial.options().batch_size,
                             .on_progress = trial.progress("inversion")};
  rows.start = trial.model().invert(rows, pictures, invert);
  return {"invert, then decode: PSNR", "dB",
          trial.model().reconstruction_psnr(rows, pictures, invert)};
}

}  // namespace unclip::train
