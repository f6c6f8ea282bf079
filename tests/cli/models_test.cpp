#include <map>
#include <nlohmann/json.hpp>

#include "tests/cli/run.h"
#include "tests/support/environment.h"
#include "tests/support/error_matcher.h"

namespace unclip::cli {
namespace {

using nlohmann::json;
using testing::Environment;
using testing::error_of;
using testing::mentions;
using testing::ModelFolder;
using testing::run_with;
using testing::Words;
using testing::write_text;

namespace fs = std::filesystem;

/// A hub cache with a model that runs, one whose decoder's download was interrupted, a pipeline of
/// another kind, and a language model.
struct Cache : ModelFolder {
  Cache() {
    environment.set("HF_HUB_CACHE", *this / "hub");
    for (const std::string name : {"good", "cut"}) {
      fs::create_directories(repository(name) / "snapshots");
      fs::copy(*this / "model", snapshot(name), fs::copy_options::recursive);
      fs::remove(snapshot(name) / "unclip.json");
      write_text(repository(name) / "refs/main", "0123");
    }
    fs::remove(snapshot("cut") / "decoder/diffusion_pytorch_model.safetensors");
    write_text(repository("cut") / "blobs/abcd.incomplete", "");
    write_text(snapshot("sd") / "model_index.json",
               R"({"_class_name": "StableDiffusionPipeline"})");
    write_text(repository("sd") / "refs/main", "0123");
    write_text(snapshot("llm") / "config.json", "{}");
    write_text(repository("llm") / "refs/main", "0123");
  }
  fs::path repository(const std::string& name) const { return *this / ("hub/models--me--" + name); }
  fs::path snapshot(const std::string& name) const { return repository(name) / "snapshots/0123"; }

  Environment environment{{"HF_HUB_CACHE"}};
};

/// Whether a text of several lines holds the parts in this order.
bool models_shows(const std::string& text, const Words& parts) {
  size_t place = 0;
  for (const auto& part : parts) {
    place = text.find(part, place);
    if (place == text.npos) return false;
    place += part.size();
  }
  return true;
}

TEST(Models, ListsCachedModelsAndWhatEachCanDo) {
  const Cache cache;
  std::map<std::string, json> models;
  std::istringstream lines(run_with({"models", "--json"}).out);
  for (std::string line; std::getline(lines, line);) {
    const auto model = json::parse(line);
    models[model["name"]] = model;
  }
  const auto& good = models["me/good"];
  EXPECT_EQ(good["source"], "hub cache");
  EXPECT_EQ(good["path"], cache.snapshot("good").string());
  EXPECT_EQ(good["can_run"], true);
  EXPECT_EQ(good["need"], "");
  EXPECT_EQ(good["tasks"], (json{"paint", "vary", "invert", "encode_text", "encode_image"}));
  EXPECT_EQ(good["width"], 32);

  const auto& cut = models["me/cut"];
  EXPECT_EQ(cut["can_run"], false);
  EXPECT_EQ(cut["tasks"], (json{"encode_text", "encode_image"}));
  EXPECT_TRUE(mentions(cut["need"], {"decoder", "incomplete", "unclip pull me/cut"}));

  EXPECT_EQ(models["me/sd"]["can_run"], false);
  EXPECT_TRUE(mentions(models["me/sd"]["need"], {"StableDiffusionPipeline"}));
  EXPECT_FALSE(models.contains("me/llm"));
}

TEST(Models, PrintsATableAndCountsWhatIsNoPipeline) {
  const Cache cache;
  const auto printed = run_with({"models"});
  EXPECT_TRUE(
      models_shows(printed.out, {"me/cut", "cannot run", "me/good", "32x32", "paint, vary"}));
  EXPECT_TRUE(models_shows(printed.err, {"1 other", (cache / "hub").string()}));
  EXPECT_EQ(run_with({"models", "-q"}).err, "");
}

TEST(Models, AreFoundByTheNamesThatItPrints) {
  const Cache cache;
  const auto info = json::parse(run_with({"info", "me/good", "--json"}).out);
  EXPECT_EQ(info["path"], cache.snapshot("good").string());
  EXPECT_EQ(info["name"], "me/good");
  const auto picture = (cache / "x.png").string();
  run_with({"a fox", "-m", "me/good", "-s", "1", "--preset", "fast", "-q", "-o", picture});
  const auto bytes = testing::read_text(picture);
  EXPECT_NE(bytes.find("Model: me/good,"), std::string::npos);
}

TEST(Models, TakesNoWords) {
  try {
    run_with({"models", "karlo"});
    FAIL();
  } catch (const UsageError& error) {
    EXPECT_TRUE(mentions(error.what(), {"'karlo'", "unclip info MODEL"}));
  }
}

}  // namespace
}  // namespace unclip::cli
