#include "base/hub_path.h"

#include <gtest/gtest.h>

#include "tests/weights/files.h"

namespace unclip {
namespace {

using testing::TemporaryFolder;
using testing::write_text;

TEST(HubRepository, IsInThePathOfAFileInTheCache) {
  const std::vector<std::pair<std::string, std::string>> all = {
      {"/c/hub/models--owner--name/snapshots/0123/decoder", "owner/name"},
      {"models--owner--name", "owner/name"},
      {"models--owner--a-b.c/blobs/0", "owner/a-b.c"},
      {"models--gpt2/snapshots/0", "gpt2"},
      {"models--a--b/models--c--d/x", "c/d"},
      {"/home/models/karlo", ""},
      {"models--", ""},
      {"datasets--owner--name/snapshots/0", ""},
      {"", ""}};
  for (const auto& [path, name] : all) EXPECT_EQ(hub_repository(path).value_or(""), name) << path;
  EXPECT_EQ(hub_repository_folder("/c/models--a--b/blobs/0"), "/c/models--a--b");
}

TEST(IncompleteDownloadHint, NeedsAFileThatIsIncomplete) {
  const TemporaryFolder folder;
  const auto snapshot = folder / "models--owner--name/snapshots/0123";
  write_text(snapshot / "model_index.json", "{}");
  write_text(folder / "models--owner--name/blobs/abcd", "{}");
  write_text(folder / "models--owner--other/blobs/abcd.incomplete", "");
  EXPECT_EQ(incomplete_download_hint(snapshot / "decoder"), "");
  write_text(folder / "models--owner--name/blobs/ef01.incomplete", "");
  const auto hint = incomplete_download_hint(snapshot / "decoder");
  EXPECT_NE(hint.find("`unclip pull owner/name`"), hint.npos) << hint;
}

TEST(IncompleteDownloadHint, IsGivenForADownloadToAFolder) {
  const TemporaryFolder folder;
  const auto dir = folder / "karlo";
  write_text(dir / ".cache/huggingface/download/decoder/x.metadata", "");
  EXPECT_EQ(incomplete_download_hint(dir / "decoder"), "");
  write_text(dir / ".cache/huggingface/download/decoder/abcd.incomplete", "");
  const auto hint = incomplete_download_hint(dir / "decoder");
  EXPECT_NE(hint.find(dir.string()), hint.npos) << hint;
}

}  // namespace
}  // namespace unclip
