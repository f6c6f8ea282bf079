#include <gtest/gtest.h>

#include <algorithm>

#include "families/registry.h"
#include "scheduler/published_class.h"
#include "weights/model_dir.h"

namespace unclip {
namespace {

TEST(ModelParts, MayHaveEverySamplerThatLeadsToASample) {
  auto wanted = published_classes();
  std::erase(wanted, "DDIMInverseScheduler");
  int64_t parts = 0;
  for (const auto& kind : families().front()->layout.parts) {
    if (!kind.name.ends_with("_scheduler")) continue;
    EXPECT_EQ(kind.classes, wanted) << kind.name;
    ++parts;
  }
  EXPECT_EQ(parts, 3);
}

}  // namespace
}  // namespace unclip
