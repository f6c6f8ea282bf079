#include <gtest/gtest.h>

#include "tests/cli/run.h"
#include "tests/families/twostage/twostage.h"
#include "tests/hub/hub_server.h"
#include "tests/support/environment.h"
#include "tests/support/error_matcher.h"

// A model whose prior is a repository of its own, which README.md names.

namespace unclip::testing::twostage {
namespace {

namespace fs = std::filesystem;

TEST(TwoRepositories, ArePulledAndReadAsOneModel) {
  const TemporaryFolder folder;
  write_model(folder / "model");
  HubServer server;
  auto decoder = files_below(folder / "model");
  std::erase_if(decoder, [](const auto& file) { return file.first.starts_with("prior/"); });
  decoder["README.md"] = "---\nlicense: other\nprior:\n- me/prior\n---\n";
  server.add("me/decoder", decoder);
  server.add("me/prior", files_below(folder / "model/prior"), std::string(40, 'b'));
  Environment environment{{"HF_ENDPOINT", "HF_HUB_CACHE", "HF_HOME", "HF_TOKEN", "http_proxy"}};
  environment.set("HF_ENDPOINT", server.url());
  environment.set("HF_HUB_CACHE", folder / "hub");
  environment.set("HF_HOME", folder / "home");

  run_with({"pull", "me/decoder", "-q"});
  const auto painted = [&](const std::string& model) {
    const auto file = (folder / "x.png").string();
    run_with({"a fox", "-m", model, "-s", "1", "-q", "--overwrite", "-o", file});
    return read_png(file);
  };
  EXPECT_TRUE(at::equal(painted("me/decoder"), painted(folder / "model")));

  fs::remove_all(folder / "hub/models--me--prior");
  EXPECT_TRUE(mentions(
      error_of([&] { painted("me/decoder"); }),
      {"'text_encoder'", "../prior", "`unclip pull me/prior`", "--part text_encoder=DIR"}));
}

}  // namespace
}  // namespace unclip::testing::twostage
