#include <gtest/gtest.h>

#include <csignal>
#include <nlohmann/json.hpp>

#include "tests/cli/program.h"
#include "tests/cli/run.h"
#include "tests/cli/usage_error.h"
#include "tests/hub/hub_server.h"
#include "tests/support/environment.h"
#include "tests/support/error_matcher.h"

namespace unclip::cli {
namespace {

using testing::Environment;
using testing::error_of;
using testing::HubAnswer;
using testing::HubRequest;
using testing::HubServer;
using testing::mentions;
using testing::ModelFolder;
using testing::Program;
using testing::read_text;
using testing::run_with;
using testing::TemporaryFolder;
using testing::usage_error;
using testing::Words;

namespace fs = std::filesystem;

/// A server with the tiny model as "me/tiny", and an empty cache.
struct TinyModelOnTheHub : ::testing::Test {
  TinyModelOnTheHub() {
    auto files = testing::files_below(folder / "model");
    files["README.md"] = "nobody reads this";
    server.add("me/tiny", files);
    environment.set("HF_ENDPOINT", server.url());
    environment.set("HF_HUB_CACHE", folder / "hub");
    environment.set("HF_HOME", folder / "home");
  }
  fs::path snapshot() const {
    return folder / ("hub/models--me--tiny/snapshots/" + HubServer::kCommit);
  }
  /// Whether the model in the cache paints what the folder's does.
  bool paints() const {
    const auto painted = [&](const std::string& model) {
      const auto file = (folder / "x.png").string();
      run_with({"a fox", "-m", model, "-s", "1", "-q", "--overwrite", "-o", file});
      return read_png(file);
    };
    return at::equal(painted("me/tiny"), painted(folder / "model"));
  }

  Environment environment{{"HF_ENDPOINT", "HF_HUB_CACHE", "HF_HOME", "HF_TOKEN", "HF_HUB_OFFLINE",
                           "HUGGING_FACE_HUB_TOKEN", "http_proxy", "https_proxy", "all_proxy"}};
  ModelFolder folder;
  HubServer server;
};

using PullVerb = TinyModelOnTheHub;

TEST_F(PullVerb, FetchesAModelThatPaints) {
  EXPECT_TRUE(mentions(error_of([] { run_with({"info", "me/tiny"}); }), {"`unclip pull me/tiny`"}));
  const auto printed = run_with({"pull", "me/tiny"});
  EXPECT_EQ(printed.out, snapshot().string() + "\n");
  EXPECT_TRUE(mentions(printed.err.substr(0, printed.err.size() - 1),
                       {"me/tiny: ", " files, ", "received"}));
  EXPECT_FALSE(fs::exists(snapshot() / "README.md"));
  const auto info = nlohmann::json::parse(run_with({"info", "me/tiny", "--json"}).out);
  EXPECT_EQ(info["can_run"], true);
  EXPECT_TRUE(paints());
}

TEST_F(PullVerb, PrintsWhatItHasDone) {
  const auto json = nlohmann::json::parse(run_with({"pull", "me/tiny@main", "--json", "-q"}).out);
  EXPECT_EQ(json["name"], "me/tiny");
  EXPECT_EQ(json["path"], snapshot().string());
  EXPECT_GT(json["files"], 10);
  EXPECT_EQ(json["bytes"], json["received"]);
  const auto again = run_with({"pull", "me/tiny"});
  EXPECT_NE(again.err.find("all of which were there"), again.err.npos);
  const auto quiet = run_with({"pull", "me/tiny", "-q"});
  EXPECT_EQ(quiet.err, "");
  EXPECT_EQ(quiet.out, snapshot().string() + "\n");
}

TEST_F(PullVerb, TakesOneNameOfTheHub) {
  const Words all[] = {
      {"pull"}, {"pull", "a/b", "c/d"}, {"pull", "karlo"}, {"pull", "a/b/c"}, {"pull", "../b"}};
  for (const auto& words : all) {
    EXPECT_TRUE(mentions(usage_error([&] { run_with(words); }), {"pull", "OWNER/NAME"}));
  }
  EXPECT_TRUE(mentions(usage_error([] {
                         run_with({"pull", "me/tiny", "--variant", "int8"});
                       }),
                       {"--variant", "fp16", "'int8'"}));
  EXPECT_TRUE(server.requests().empty());
}

TEST_F(PullVerb, ReadsTheTokenAndIsQuietOffline) {
  environment.set("HF_TOKEN", "hf_mine");
  run_with({"pull", "me/tiny", "-q"});
  EXPECT_EQ(server.requests().front().authorization, "Bearer hf_mine");
  const auto before = server.requests().size();
  environment.set("HF_HUB_OFFLINE", "1");
  EXPECT_TRUE(mentions(error_of([] { run_with({"pull", "me/tiny"}); }), {"HF_HUB_OFFLINE"}));
  EXPECT_EQ(server.requests().size(), before);
}

TEST_F(PullVerb, ContinuesAfterASignal) {
  std::atomic<bool> asked{false};
  const std::string weights = "decoder/diffusion_pytorch_model.safetensors";
  server.set_hook([&](const HubRequest& request, HubAnswer& answer) {
    if (!request.is_cdn || request.path.find(weights) == std::string::npos) return;
    answer.cut = answer_bytes(answer).size() - 1000;
    answer.hang = true;
    asked = true;
  });
  const TemporaryFolder output;
  Program program(output, {"pull", "me/tiny"});
  while (!asked) usleep(1000);
  usleep(100'000);
  program.send(SIGINT);
  EXPECT_EQ(program.code(), 130);
  EXPECT_TRUE(program.err().ends_with("unclip: stopped\n")) << program.err();
  EXPECT_TRUE(mentions(error_of([] {
                         run_with({"info", "me/tiny"});
                       }),
                       {"incomplete", "`unclip pull me/tiny`"}));

  server.set_hook({});
  run_with({"pull", "me/tiny", "-q"});
  std::optional<uint64_t> from;
  for (const auto& request : server.requests()) {
    if (request.is_cdn && request.path.find(weights) != std::string::npos) from = request.from;
  }
  EXPECT_GT(from.value_or(0), 0u);
  EXPECT_TRUE(paints());
}

TEST_F(PullVerb, IsDoneByTwoProgramsAtOnce) {
  const TemporaryFolder first_output, second_output;
  Program first(first_output, {"pull", "me/tiny"}), second(second_output, {"pull", "me/tiny"});
  EXPECT_EQ(first.code(), 0) << first.err();
  EXPECT_EQ(second.code(), 0) << second.err();
  EXPECT_TRUE(paints());
  size_t weights = 0;
  for (const auto& request : server.requests()) {
    weights += request.is_cdn && request.path.find("/decoder/") != std::string::npos;
  }
  EXPECT_EQ(weights, 1u);
}

}  // namespace
}  // namespace unclip::cli
