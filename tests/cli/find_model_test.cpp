#include "cli/find_model.h"

#include <gtest/gtest.h>

#include <cstdlib>

#include "cli/arguments.h"
#include "core/error.h"
#include "tests/weights/files.h"

namespace unclip::cli {
namespace {

using testing::TemporaryFolder;
using testing::write_text;

namespace fs = std::filesystem;

void make_model(const fs::path& folder) {
  fs::create_directories(folder);
  write_text(folder / "model_index.json", "{}");
}

TEST(FindModel, PrefersTheFlagThenTheEnvironment) {
  setenv("UNCLIP_MODEL", "from-environment", 1);
  EXPECT_EQ(find_model("given"), "given");
  EXPECT_EQ(find_model(""), "from-environment");
  unsetenv("UNCLIP_MODEL");
}

TEST(FindModel, LooksBesideTheProgramThenInTheBuildTreeThenInTheInstall) {
  TemporaryFolder folder;
  EXPECT_THROW(find_shipped_model(folder / "build/dev"), Error);
  make_model(folder / "build/share/unclip/toybox");
  EXPECT_EQ(find_shipped_model(folder / "build/dev"), folder / "build/share/unclip/toybox");
  make_model(folder / "weights/toybox");
  EXPECT_EQ(find_shipped_model(folder / "build/dev"), folder / "weights/toybox");
  make_model(folder / "build/dev/toybox");
  EXPECT_EQ(find_shipped_model(folder / "build/dev"), folder / "build/dev/toybox");
}

TEST(BorrowedParts, AreNamesAndFolders) {
  const auto parts = [](const std::vector<std::string>& arguments) {
    return borrowed_parts(Arguments::parse({part_flag()}, arguments));
  };
  EXPECT_EQ(parts({"--part", "prior=a=b", "--part", "decoder=c"}),
            (std::map<std::string, fs::path>{{"prior", "a=b"}, {"decoder", "c"}}));
  for (const auto* bad : {"prior", "=dir", "prior="}) {
    EXPECT_THROW(parts({"--part", bad}), UsageError) << bad;
  }
  EXPECT_THROW(parts({"--part", "prior=a", "--part", "prior=b"}), UsageError);
}

}  // namespace
}  // namespace unclip::cli
