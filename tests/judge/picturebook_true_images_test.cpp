// The judge's own error: on true renderings, whole and spoilt, with captions that are true and
// captions that are wrong in one word. bench/picturebook_judge prints the figures of a thousand.

#include <gtest/gtest.h>

#include <functional>
#include <string>
#include <vector>

#include "judge/picturebook/verdict.h"
#include "world/picturebook/caption.h"
#include "world/picturebook/claims.h"
#include "world/picturebook/render.h"

namespace unclip::judge::picturebook {
namespace {

namespace book = world::picturebook;

struct BookTally {
  int right = 0;            // of the true captions
  int wrong_accepted = 0;   // of the captions that are wrong in one word
  std::string first_error;  // a true caption that was refused
};

using SpoilBook = std::function<void(std::vector<float>& rgb, world::Random& random)>;

BookTally judge_images(int count, int size, const SpoilBook& spoil = {}) {
  BookTally tally;
  world::Random random(11);
  for (int i = 0; i < count; ++i) {
    const auto claim = book::random_claim(random);
    std::vector<float> rgb(3 * static_cast<size_t>(size) * size);
    book::render(book::random_scene(claim, random), size, rgb.data());
    if (spoil) spoil(rgb, random);

    const auto sighting = look({size, size, rgb.data()});
    const auto truth = book::caption(claim, random);
    const auto lie = book::caption(book::one_word_wrong(claim, random), random);
    if (compare(sighting, parse_request(truth)).right()) {
      ++tally.right;
    } else if (tally.first_error.empty()) {
      tally.first_error = truth;
    }
    tally.wrong_accepted += compare(sighting, parse_request(lie)).right();
  }
  return tally;
}

TEST(PicturebookTrueImages, AreRightInEverythingAndNoCaptionWithAWrongWordIs) {
  const BookTally tally = judge_images(60, 256);
  EXPECT_GE(tally.right, 58) << "for example " << tally.first_error;
  EXPECT_LE(tally.wrong_accepted, 1);
}

// As large as what the decoder paints.
TEST(PicturebookTrueImages, AreUnderstoodWhenTheyAreSmall) {
  const BookTally tally = judge_images(30, 64);
  EXPECT_GE(tally.right, 28) << "for example " << tally.first_error;
  EXPECT_LE(tally.wrong_accepted, 1);
}

TEST(PicturebookTrueImages, AreUnderstoodUnderNoise) {
  const BookTally tally = judge_images(30, 256, [](std::vector<float>& rgb, world::Random& random) {
    for (float& value : rgb) {
      // The sum of three has nearly a normal distribution, of deviation .03.
      for (int k = 0; k < 3; ++k) value += static_cast<float>(world::uniform(random, -.03, .03));
    }
  });
  EXPECT_GE(tally.right, 28) << "for example " << tally.first_error;
  EXPECT_LE(tally.wrong_accepted, 1);
}

TEST(PicturebookTrueImages, AreUnderstoodInPalerColoursWithACast) {
  const BookTally tally = judge_images(30, 256, [](std::vector<float>& rgb, world::Random& random) {
    const size_t plane = rgb.size() / 3;
    const double saturation = world::uniform(random, .8, 1.1);
    const double cast[3] = {world::uniform(random, -.04, .04), world::uniform(random, -.04, .04),
                            world::uniform(random, -.04, .04)};
    for (size_t p = 0; p < plane; ++p) {
      const double grey = (rgb[p] + rgb[plane + p] + rgb[2 * plane + p]) / 3;
      for (size_t c = 0; c < 3; ++c) {
        float& value = rgb[c * plane + p];
        value = static_cast<float>(grey + saturation * (value - grey) + cast[c]);
      }
    }
  });
  EXPECT_GE(tally.right, 28) << "for example " << tally.first_error;
  EXPECT_LE(tally.wrong_accepted, 1);
}

}  // namespace
}  // namespace unclip::judge::picturebook
