// What the judge of the picture book gets right, and how quick it and the renderer are:
//
//   picturebook_judge [COUNT [SIDE [SEED]]]      1000 images of 256 x 256, seed 1000
//
// Of COUNT random scenes it prints how many true captions are found right in everything, how many
// captions that are wrong in one word are accepted, and processor time for an image.

#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <exception>
#include <vector>

#include "judge/picturebook/verdict.h"
#include "world/picturebook/caption.h"
#include "world/picturebook/claims.h"
#include "world/picturebook/render.h"

namespace {

namespace book = unclip::world::picturebook;
namespace judge = unclip::judge::picturebook;

double seconds() { return static_cast<double>(std::clock()) / CLOCKS_PER_SEC; }

void run(int count, int side, unsigned long seed) {
  unclip::world::Random random(seed);
  int right = 0, accepted = 0;
  double rendering = 0, judging = 0;
  std::vector<float> rgb(3 * static_cast<size_t>(side) * side);
  for (int i = 0; i < count; ++i) {
    const auto claim = book::random_claim(random);
    const double start = seconds();
    const auto scene = book::random_scene(claim, random);
    const auto truth = book::caption(claim, random);
    book::render(scene, side, rgb.data());
    const double rendered = seconds();
    const auto sighting = judge::look({side, side, rgb.data()});
    judging += seconds() - rendered;
    rendering += rendered - start;
    const auto lie = book::caption(book::one_word_wrong(claim, random), random);
    accepted += judge::compare(sighting, judge::parse_request(lie)).right();
    if (judge::compare(sighting, judge::parse_request(truth)).right()) {
      ++right;
    } else {
      std::printf("refused: %s\n", truth.c_str());
    }
  }
  std::printf("%d images of %d x %d, seed %lu\n", count, side, side, seed);
  std::printf("true captions found right        %.1f %%\n", 100.0 * right / count);
  std::printf("wrong in one word, but accepted  %.1f %%\n", 100.0 * accepted / count);
  std::printf("rendering with caption           %.2f ms\n", 1e3 * rendering / count);
  std::printf("judging                          %.1f ms\n", 1e3 * judging / count);
}

}  // namespace

int main(int argc, char** argv) {
  const int count = argc > 1 ? std::atoi(argv[1]) : 1000;
  const int side = argc > 2 ? std::atoi(argv[2]) : 256;
  if (argc > 4 || count < 1 || side < 16 || side > 4096) {
    std::fprintf(stderr, "usage: picturebook_judge [COUNT [SIDE [SEED]]], SIDE from 16 to 4096\n");
    return 2;
  }
  try {
    run(count, side, argc > 3 ? std::strtoul(argv[3], nullptr, 10) : 1000);
  } catch (const std::exception& error) {
    std::fprintf(stderr, "picturebook_judge: %s\n", error.what());
    return 1;
  }
}
