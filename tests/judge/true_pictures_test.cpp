// The judge's own error: on true renderings, whole and spoilt, against captions that are true and
// captions that are wrong in one word.

#include <gtest/gtest.h>

#include <cmath>
#include <functional>
#include <random>
#include <string>
#include <vector>

#include "judge/verdict.h"
#include "world/caption.h"
#include "world/render.h"

namespace unclip::judge {
namespace {

struct Tally {
  int right = 0;            // of the true captions
  int wrong_accepted = 0;   // of the captions that are wrong in one word
  std::string first_error;  // a true caption that was refused
};

using Spoil = std::function<void(std::vector<float>& rgb, world::Random& random)>;

Tally judge_pictures(int count, int size, const Spoil& spoil = {}) {
  Tally tally;
  world::Random random(11);
  for (int i = 0; i < count; ++i) {
    const auto claim = world::random_claim(random);
    const auto scene = world::random_scene(claim, random);
    std::vector<float> rgb(3 * static_cast<size_t>(size) * size);
    world::render(scene, size, rgb.data());
    if (spoil) spoil(rgb, random);

    const auto sighting = look({size, size, rgb.data()});
    const auto truth = world::caption(claim, random);
    const auto lie = world::caption(world::one_word_wrong(claim, random), random);
    if (compare(sighting, parse_request(truth)).right()) {
      ++tally.right;
    } else if (tally.first_error.empty()) {
      tally.first_error = truth;
    }
    tally.wrong_accepted += compare(sighting, parse_request(lie)).right();
  }
  return tally;
}

TEST(TruePictures, AreRightInEverythingAndNoCaptionWithAWrongWordIs) {
  const Tally tally = judge_pictures(200, 128);
  EXPECT_GE(tally.right, 199) << "for example " << tally.first_error;
  EXPECT_LE(tally.wrong_accepted, 1);
}

// 32x32 is put on the judge's grid of 128x128 by cubic interpolation: a blur of four pixels.
TEST(TruePictures, AreUnderstoodWhenTheyAreSmall) {
  const Tally tally = judge_pictures(100, 32);
  EXPECT_GE(tally.right, 97) << "for example " << tally.first_error;
  EXPECT_LE(tally.wrong_accepted, 1);
}

TEST(TruePictures, AreUnderstoodUnderNoise) {
  const Tally tally = judge_pictures(100, 128, [](std::vector<float>& rgb, world::Random& random) {
    std::normal_distribution<float> noise(0, .03f);
    for (float& value : rgb) value += noise(random);
  });
  EXPECT_GE(tally.right, 98) << "for example " << tally.first_error;
  EXPECT_LE(tally.wrong_accepted, 1);
}

TEST(TruePictures, AreUnderstoodInPalerColoursWithACast) {
  const Tally tally = judge_pictures(100, 128, [](std::vector<float>& rgb, world::Random& random) {
    const size_t plane = rgb.size() / 3;
    const double saturation = world::uniform(random, .75, 1.1);
    const double cast[3] = {world::uniform(random, -.05, .05), world::uniform(random, -.05, .05),
                            world::uniform(random, -.05, .05)};
    for (size_t p = 0; p < plane; ++p) {
      const double grey = (rgb[p] + rgb[plane + p] + rgb[2 * plane + p]) / 3;
      for (size_t c = 0; c < 3; ++c) {
        float& value = rgb[c * plane + p];
        value = static_cast<float>(grey + saturation * (value - grey) + cast[c]);
      }
    }
  });
  EXPECT_GE(tally.right, 96) << "for example " << tally.first_error;
  EXPECT_LE(tally.wrong_accepted, 1);
}

}  // namespace
}  // namespace unclip::judge
