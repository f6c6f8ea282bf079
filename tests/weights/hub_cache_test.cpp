#include "weights/hub_cache.h"

#include "tests/support/environment.h"
#include "tests/support/error_matcher.h"
#include "tests/weights/files.h"

namespace unclip {
namespace {

using testing::Environment;
using testing::error_of;
using testing::mentions;
using testing::TemporaryFolder;
using testing::write_text;

namespace fs = std::filesystem;

const std::string kMain = "aaaa111122223333444455556666777788889999";
const std::string kOther = "aaaa222222223333444455556666777788889999";
const std::string kLoose = "bbbb111122223333444455556666777788889999";

/// A cache with one repository of three snapshots: main, also called v1.0; refs/pr/3; and one
/// without a name.
struct CacheFolder : TemporaryFolder {
  CacheFolder() {
    for (const auto& commit : {kMain, kOther, kLoose}) {
      write_text(repository() / "snapshots" / commit / "model_index.json", "{}");
    }
    write_text(repository() / "refs/main", kMain);
    write_text(repository() / "refs/v1.0", kMain + "\n");
    write_text(repository() / "refs/refs/pr/3", kOther);
  }
  fs::path repository() const { return *this / "models--owner--name"; }
  fs::path snapshot(const std::string& commit) const { return repository() / "snapshots" / commit; }
  fs::path find(const std::string& name) const {
    return HubCache(path()).find(HubName::parse(name).value()).value_or("");
  }
};

TEST(HubName, IsOwnerAndNamePerhapsWithARevision) {
  const std::vector<std::tuple<std::string, std::string, std::string>> good = {
      {"owner/name", "owner/name", "main"},
      {"kakaobrain/karlo-v1-alpha@v1.0", "kakaobrain/karlo-v1-alpha", "v1.0"},
      {"a/b@refs/pr/3", "a/b", "refs/pr/3"},
      {"a_b/c.d@0123abc", "a_b/c.d", "0123abc"}};
  for (const auto& [text, repository, revision] : good) {
    const auto name = HubName::parse(text);
    ASSERT_TRUE(name) << text;
    EXPECT_EQ(name->repository, repository);
    EXPECT_EQ(name->revision, revision);
  }
  for (const std::string bad :
       {"", "name", "/name", "owner/", "./name", "../name", "owner/../x", "a/b/c", "~/name",
        "/owner/name", "owner/name@", "owner/name@..", "owner/name@a/../../b", "owner/name@/etc",
        "owner/na me", "owner--x/name", "owner/name\n"}) {
    EXPECT_FALSE(HubName::parse(bad)) << bad;
  }
  std::string too_long(100'000, 'b');
  too_long[1] = '/';
  EXPECT_FALSE(HubName::parse(too_long));
}

TEST(HubCache, FindsARevisionByItsNameOrTheBeginningOfItsCommit) {
  const CacheFolder cache;
  EXPECT_EQ(cache.find("owner/name"), cache.snapshot(kMain));
  EXPECT_EQ(cache.find("owner/name@main"), cache.snapshot(kMain));
  EXPECT_EQ(cache.find("owner/name@v1.0"), cache.snapshot(kMain));
  EXPECT_EQ(cache.find("owner/name@refs/pr/3"), cache.snapshot(kOther));
  EXPECT_EQ(cache.find("owner/name@" + kLoose), cache.snapshot(kLoose));
  EXPECT_EQ(cache.find("owner/name@bbbb"), cache.snapshot(kLoose));
  EXPECT_EQ(cache.find("owner/name@aaaa2"), cache.snapshot(kOther));
  EXPECT_EQ(cache.find("owner/another"), "");
}

TEST(HubCache, NamesTheRevisionsThatItHasIfOneIsMissing) {
  const CacheFolder cache;
  for (const std::string revision : {"v2", "aaaa", "bbb", "cccc"}) {
    EXPECT_TRUE(mentions(error_of([&] { cache.find("owner/name@" + revision); }),
                         {cache.repository().string(), "'" + revision + "'", "bbbb11112222", "main",
                          "refs/pr/3", "v1.0", "unclip pull owner/name@" + revision}));
  }
  fs::remove_all(cache.snapshot(kMain));
  EXPECT_TRUE(mentions(error_of([&] { cache.find("owner/name"); }),
                       {"'main'", "refs/pr/3", "`unclip pull owner/name`"}));
}

// A file of refs/ is foreign: it leads to no place outside of snapshots/.
TEST(HubCache, TrustsNoFileOfRefs) {
  const CacheFolder cache;
  write_text(cache / "outside/model_index.json", "{}");
  for (const std::string& ref :
       {std::string("../../outside"), std::string("."), std::string(".."), std::string(),
        std::string("/etc"), std::string(1 << 20, 'a'), std::string("aa\0bb", 5)}) {
    write_text(cache.repository() / "refs/main", ref);
    EXPECT_NE(error_of([&] { cache.find("owner/name"); }).find("'main'"), std::string::npos) << ref;
  }
  fs::remove(cache.repository() / "refs/main");
  fs::create_directories(cache.repository() / "refs/main");
  EXPECT_TRUE(testing::mentions(error_of([&] { cache.find("owner/name"); }), {"main"}));
}

TEST(HubCache, ListsEachSnapshotOnce) {
  const CacheFolder cache;
  write_text(cache / "models--gpt2/refs/main", kMain);
  write_text(cache / "models--gpt2/snapshots" / kMain / "config.json", "{}");
  write_text(cache / "datasets--owner--data/snapshots" / kMain / "x", "");
  write_text(cache / "version.txt", "1");
  std::vector<std::string> names;
  for (const auto& snapshot : HubCache(cache.path()).snapshots()) names.push_back(snapshot.name);
  EXPECT_EQ(names, (std::vector<std::string>{"gpt2", "owner/name@bbbb11112222", "owner/name",
                                             "owner/name@refs/pr/3"}));
  EXPECT_TRUE(HubCache(cache / "nowhere").snapshots().empty());
}

TEST(HubCache, LiesWhereTheEnvironmentSays) {
  Environment environment(
      {"HF_HUB_CACHE", "HUGGINGFACE_HUB_CACHE", "HF_HOME", "XDG_CACHE_HOME", "HOME"});
  const auto folder = [] { return HubCache::of_environment().folder().string(); };
  EXPECT_TRUE(folder().ends_with("/.cache/huggingface/hub")) << folder();  // the user database
  environment.set("HOME", "/home/a");
  EXPECT_EQ(folder(), "/home/a/.cache/huggingface/hub");
  environment.set("XDG_CACHE_HOME", "");
  EXPECT_EQ(folder(), "/home/a/.cache/huggingface/hub");
  environment.set("XDG_CACHE_HOME", "/xdg");
  EXPECT_EQ(folder(), "/xdg/huggingface/hub");
  environment.set("HF_HOME", "~/hf");
  EXPECT_EQ(folder(), "/home/a/hf/hub");
  environment.set("HUGGINGFACE_HUB_CACHE", "/old");
  EXPECT_EQ(folder(), "/old");
  environment.set("HF_HUB_CACHE", "$HOME/${XDG_CACHE_HOME}/$NOT_SET_ANYWHERE/hub");
  EXPECT_EQ(folder(), "/home/a//xdg/$NOT_SET_ANYWHERE/hub");
}

}  // namespace
}  // namespace unclip
