#include <gtest/gtest.h>

#include "weights/model_dir.h"
#include "world/caption.h"

namespace unclip {
namespace {

TEST(Toybox, KnowsTheWordsOfItsWorld) {
  EXPECT_EQ(ModelDir::open("weights/toybox").defaults().known_words, world::known_words());
}

}  // namespace
}  // namespace unclip
