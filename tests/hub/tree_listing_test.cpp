#include "hub/tree_listing.h"

#include <gtest/gtest.h>

#include "tests/support/error_matcher.h"
#include "tests/weights/files.h"

namespace unclip::hub {
namespace {

using testing::error_of;
using testing::mentions;

const std::string kSmall(40, 'a'), kLarge(64, 'b');

std::string entry(const std::string& path, const std::string& more = "") {
  return R"({"type": "file", "oid": ")" + kSmall + R"(", "size": 3, "path": ")" + path + "\"" +
         more + "}";
}

TEST(TreeListing, HasFilesWithTheHashesOfTheirContents) {
  TreeListing files;
  add_tree_page(files, "[" + entry("a.json") + R"(, {"type": "directory", "path": "x"}])", "page");
  add_tree_page(files,
                "[" + entry("x/b.bin", R"(, "lfs": {"oid": ")" + kLarge + R"(", "size": 3})") + "]",
                "page");
  const TreeListing expected = {{"a.json", {kSmall, 3}}, {"x/b.bin", {kLarge, 3}}};
  EXPECT_EQ(files, expected);
}

struct WrongPage {
  std::string json, key, expected, found;
};

class WrongTree : public ::testing::TestWithParam<WrongPage> {};

TEST_P(WrongTree, IsRefusedInOneLine) {
  const auto& [json, key, expected, found] = GetParam();
  TreeListing files;
  EXPECT_TRUE(mentions(error_of([&] { add_tree_page(files, json, "page"); }),
                       {"page", key, expected, found}))
      << json.substr(0, 200);
}

std::string with(const std::string& key, const std::string& value) {
  std::string text = R"([{"type": "file", "oid": "OID", "size": SIZE, "path": "a", "lfs": LFS}])";
  const auto set = [&](const std::string& name, const std::string& to) {
    text.replace(text.find(name), name.size(), to);
  };
  set("\"OID\"", key == "oid" ? value : "\"" + kSmall + "\"");
  set("SIZE", key == "size" ? value : "3");
  set("LFS", key == "lfs" ? value : "null");
  return text;
}

INSTANTIATE_TEST_SUITE_P(
    Forms, WrongTree,
    ::testing::Values(
        WrongPage{"", "JSON", "byte", "1"}, WrongPage{"{}", "list", "got", "object"},
        WrongPage{"[1]", "entry 0", "an object", "number"},
        WrongPage{"[{}]", "entry 0", "'type'", "nothing"},
        WrongPage{std::string(100'000, '['), "nested", "8", "levels"},
        WrongPage{"[1e999]", "number", "too large", ""},
        WrongPage{"[\"\xff\"]", "JSON", "byte", ""},
        WrongPage{with("oid", "\"../../x\""), "'oid'", "40 hex", "../../x"},
        WrongPage{with("oid", "\"" + kLarge + "\""), "'oid'", "40 hex", kLarge},
        WrongPage{with("oid", "7"), "'oid'", "a string", "7"},
        WrongPage{with("size", "-1"), "'size'", "0 to 2^46", "-1"},
        WrongPage{with("size", "1.5"), "'size'", "0 to 2^46", "1.5"},
        WrongPage{with("size", "70368744177665"), "'size'", "0 to 2^46", "70368"},
        WrongPage{with("size", "18446744073709551616"), "'size'", "0 to 2^46", ""},
        WrongPage{with("lfs", "[]"), "'lfs'", "an object", "[]"},
        WrongPage{with("lfs", R"({"oid": "x", "size": 3})"), "'lfs'", "64 hex", "x"},
        WrongPage{with("lfs", R"({"oid": ")" + kLarge + R"(", "size": 4})"), "'size'", "3", "4"},
        WrongPage{"[" + entry("a") + "," + entry("a") + "]", "entry 1", "once", "a"}));

TEST(TreeListing, RefusesPathsThatLeaveTheRepository) {
  const std::string bad[] = {"../x",       "/etc/passwd",
                             "a/../../x",  "a//b",
                             "a/",         ".",
                             "a/./b",      "a\\\\b",
                             ".git/hooks", "a/.GIT/config",
                             "a\\nb",      "a\\u0000b",
                             "\\u001b[2J", "",
                             "a\\u007f",   std::string(256, 'a')};
  for (const auto& path : bad) {
    TreeListing files;
    const auto message = error_of([&] { add_tree_page(files, "[" + entry(path) + "]", "page"); });
    EXPECT_TRUE(mentions(message, {"page: entry 0", "'path'", "inside the repository"})) << path;
    EXPECT_EQ(message.find_first_of("\n\033"), message.npos);
    EXPECT_TRUE(files.empty());
  }
  for (const auto* good : {"a", "a/b.c", ".gitattributes", "a/.gitignore", "ö/ü", "a..b"}) {
    EXPECT_TRUE(is_plain_path(good)) << good;
  }
  EXPECT_FALSE(is_plain_path("a\xff"));
}

TEST(TreeListing, HasAtMostAHundredThousandFiles) {
  TreeListing files;
  std::string page;
  for (int i = 0; i <= 100'000; ++i) page += (i ? "," : "[") + entry(std::to_string(i));
  EXPECT_TRUE(mentions(error_of([&] { add_tree_page(files, page + "]", "page"); }),
                       {"page", "at most 100000 files"}));
}

TEST(NextPage, IsTheLinkWithThatRelation) {
  EXPECT_EQ(next_page(R"(<https://h/a?b>; rel="next")"), "https://h/a?b");
  EXPECT_EQ(next_page(R"(<https://h/1>; rel="first", <https://h/2>; rel="next")"), "https://h/2");
  for (const auto* none : {"", "<", "<>", "https://h", R"(<https://h/1>; rel="prev")",
                           R"(rel="next" <https://h/1>)"}) {
    EXPECT_EQ(next_page(none), std::nullopt) << none;
  }
}

}  // namespace
}  // namespace unclip::hub
