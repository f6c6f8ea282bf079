#include "base/front_matter.h"

#include <gtest/gtest.h>

namespace unclip {
namespace {

using Values = std::vector<std::string>;

TEST(FrontMatter, HasTheValuesOfAKey) {
  const std::pair<std::string, Values> all[] = {
      {"---\nprior:\n- a/b\n---\n", {"a/b"}},
      {"---\r\nlicense: x\r\nprior:\r\n  - a/b\r\n  - c/d\r\ntags:\r\n  - e\r\n---\r\ntext",
       {"a/b", "c/d"}},
      {"---\nprior: a/b\n---\n", {"a/b"}},
      {"---\nprior: \"a/b\"  # comment\n---\n", {"a/b"}},
      {"---\nprior: [a/b, 'c/d']\n---\n", {"a/b", "c/d"}},
      {"---\nprior:\n\n# comment\n- 'a/b'\nother: 1\n- c\n---\n", {"a/b"}},
      {"---\nprior : a/b\n---\n", {"a/b"}},
      {"---\nprior_x: a/b\nxprior: c\n  prior: d\n---\n", {}},
      {"---\nprior:\n---\n- a/b\n", {}},
      {"---\nprior: a/b\n", {}},
      {"text\n---\nprior: a/b\n---\n", {}},
      {"", {}},
      {"---", {}}};
  for (const auto& [text, values] : all)
    EXPECT_EQ(front_matter_values(text, "prior"), values) << text;
}

TEST(FrontMatter, IsBounded) {
  std::string many = "---\nprior:\n";
  for (int i = 0; i < 100; ++i) many += "- a\n";
  EXPECT_EQ(front_matter_values(many + "---\n", "prior").size(), 16u);
  EXPECT_TRUE(front_matter_values("---\n" + std::string(1 << 20, '\n') + "prior: a\n---\n", "prior")
                  .empty());
}

}  // namespace
}  // namespace unclip
