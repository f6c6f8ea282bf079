#include "cli/find_model.h"

#include <gtest/gtest.h>

#include <cstdlib>

#include "base/error.h"
#include "cli/arguments.h"
#include "cli/shipped_models.h"
#include "tests/support/environment.h"
#include "tests/support/error_matcher.h"
#include "tests/weights/files.h"

namespace unclip::cli {
namespace {

using testing::Environment;
using testing::error_of;
using testing::mentions;
using testing::TemporaryFolder;
using testing::WorkingFolder;
using testing::write_text;

namespace fs = std::filesystem;

void make_model(const fs::path& folder) { write_text(folder / "model_index.json", "{}"); }

TEST(FindModel, PrefersTheFlagThenTheEnvironmentThenTheShippedModel) {
  const TemporaryFolder folder;
  make_model(folder / "given");
  make_model(folder / "other");
  Environment environment({"UNCLIP_MODEL"});
  environment.set("UNCLIP_MODEL", folder / "other");
  EXPECT_EQ(find_model(folder / "given"), folder / "given");
  EXPECT_EQ(find_model(""), folder / "other");
}

TEST(FindModel, FindsShippedModelsInTheProgramsFolderTheSourceTreeAndTheInstallation) {
  const TemporaryFolder folder;
  const auto program = folder / "build/dev";
  const auto toybox = [&]() -> fs::path {
    for (const auto& model : find_shipped_models(program)) {
      if (model.name == "toybox") return model.folder;
    }
    return {};
  };
  fs::create_directories(program);
  EXPECT_EQ(toybox(), "");
  make_model(folder / "build/share/unclip/toybox");
  EXPECT_EQ(toybox(), folder / "build/share/unclip/toybox");
  make_model(folder / "weights/toybox");
  EXPECT_EQ(toybox(), folder / "weights/toybox");
  make_model(program / "toybox");
  EXPECT_EQ(toybox(), program / "toybox");

  make_model(folder / "weights/another");
  write_text(folder / "weights/none/config.json", "{}");
  std::vector<std::string> names;
  for (const auto& model : find_shipped_models(program)) names.push_back(model.name);
  EXPECT_EQ(names, (std::vector<std::string>{"another", "toybox"}));
}

/// A hub cache with owner/name, of which HF_HUB_CACHE is the folder.
struct CachedModel : TemporaryFolder {
  CachedModel() {
    environment.set("HF_HUB_CACHE", path());
    make_model(snapshot());
    write_text(repository() / "refs/main", commit);
    write_text(repository() / "refs/v1", commit);
  }
  fs::path repository() const { return *this / "models--owner--name"; }
  fs::path snapshot() const { return repository() / "snapshots" / commit; }

  Environment environment{{"HF_HUB_CACHE", "UNCLIP_MODEL"}};
  std::string commit = "0123456789abcdef0123456789abcdef01234567";
};

TEST(FindModel, FindsAModelOfTheHubInItsCache) {
  CachedModel cache;
  const std::vector<std::string> names = {"owner/name", "owner/name@main", "owner/name@v1",
                                          "owner/name@0123456", cache.repository().string()};
  for (const auto& name : names) {
    EXPECT_EQ(find_model(name), cache.snapshot()) << name;
  }
  EXPECT_EQ(find_model(cache.repository().string() + "/"), cache.snapshot());
  EXPECT_EQ(find_model(cache.snapshot()), cache.snapshot());
  cache.environment.set("UNCLIP_MODEL", "owner/name");
  EXPECT_EQ(find_model(""), cache.snapshot());
}

TEST(FindModel, SaysHowToDownloadAModelThatIsNotInTheCache) {
  const CachedModel cache;
  EXPECT_TRUE(mentions(error_of([] { find_model("owner/other"); }),
                       {"owner/other", cache.path().string(), "`unclip pull owner/other`"}));
  EXPECT_TRUE(
      mentions(error_of([] { find_model("owner/other@v2"); }), {"`unclip pull owner/other@v2`"}));
  EXPECT_TRUE(mentions(error_of([] { find_model("owner/name@v2"); }),
                       {"'v2'", "main", "v1", "`unclip pull owner/name@v2`"}));
}

TEST(FindModel, PrefersAFolderToTheCacheAndToAShippedModel) {
  const CachedModel cache;
  const TemporaryFolder folder;
  make_model(folder / "owner/name");
  make_model(folder / "toybox");
  const WorkingFolder inside(folder.path());
  EXPECT_EQ(find_model("owner/name"), "owner/name");
  EXPECT_EQ(find_model("toybox"), "toybox");
}

TEST(FindModel, SaysWhatIsExpectedOfAWordThatNamesNothing) {
  const CachedModel cache;
  EXPECT_TRUE(mentions(error_of([] { find_model("tyobox"); }),
                       {"tyobox", "a folder", "OWNER/NAME", "shipped model", "none of them"}));
}

TEST(BorrowedParts, AreNamesAndFolders) {
  const CachedModel cache;
  const auto parts = [](const std::vector<std::string>& arguments) {
    return borrowed_parts(Arguments::parse({part_flag()}, arguments));
  };
  EXPECT_EQ(parts({"--part", "prior=/a=b", "--part", "decoder=owner/name"}),
            (std::map<std::string, fs::path>{{"prior", "/a=b"}, {"decoder", cache.snapshot()}}));
  for (const auto* bad : {"prior", "=dir", "prior="}) {
    EXPECT_THROW(parts({"--part", bad}), UsageError) << bad;
  }
  EXPECT_THROW(parts({"--part", "prior=/a", "--part", "prior=/b"}), UsageError);
}

}  // namespace
}  // namespace unclip::cli
