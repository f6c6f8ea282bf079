#include "base/nearest_name.h"

#include <gtest/gtest.h>

namespace unclip {
namespace {

TEST(EditDistance, CountsLettersPutInLeftOutAndChanged) {
  EXPECT_EQ(edit_distance("kitten", "sitting"), 3u);
  EXPECT_EQ(edit_distance("", "abc"), 3u);
  EXPECT_EQ(edit_distance("same", "same"), 0u);
}

TEST(NameHint, AsksOnlyForWhatIsNear) {
  EXPECT_EQ(name_hint("cosin", {"linear", "cosine"}),
            "did you mean cosine? There are linear, cosine");
  EXPECT_EQ(name_hint("zebra", {"linear", "cosine"}), "there are linear, cosine");
  EXPECT_EQ(name_hint("x", {"variance"}), "there is variance");
}

}  // namespace
}  // namespace unclip
