#include "hub/settings.h"

#include <gtest/gtest.h>

#include "tests/support/environment.h"
#include "tests/support/error_matcher.h"
#include "tests/weights/files.h"

namespace unclip::hub {
namespace {

using testing::Environment;
using testing::error_of;
using testing::mentions;
using testing::TemporaryFolder;
using testing::write_text;

/// None of the variables is set, and HF_HOME is an empty folder.
struct HubSettings : ::testing::Test {
  HubSettings() { environment.set("HF_HOME", folder.path()); }
  TemporaryFolder folder;
  Environment environment{{"HF_HOME", "HF_ENDPOINT", "HF_TOKEN", "HUGGING_FACE_HUB_TOKEN",
                           "HF_TOKEN_PATH", "HF_HUB_OFFLINE", "HF_HUB_DISABLE_IMPLICIT_TOKEN"}};
};

TEST_F(HubSettings, AreThePublicHubWithoutAToken) {
  const auto settings = Settings::of_environment();
  EXPECT_EQ(settings.endpoint, "https://huggingface.co");
  EXPECT_EQ(settings.token, "");
  EXPECT_FALSE(settings.offline);
}

TEST_F(HubSettings, TakeTheTokenOfTheVariableThenOfTheFile) {
  write_text(folder / "token", " hf_file\n");
  EXPECT_EQ(Settings::of_environment().token, "hf_file");
  write_text(folder / "other", "hf_other");
  environment.set("HF_TOKEN_PATH", folder / "other");
  EXPECT_EQ(Settings::of_environment().token, "hf_other");
  environment.set("HF_HUB_DISABLE_IMPLICIT_TOKEN", "1");
  EXPECT_EQ(Settings::of_environment().token, "");
  environment.set("HF_TOKEN", "hf_variable\n");
  EXPECT_EQ(Settings::of_environment().token, "hf_variable");
}

TEST_F(HubSettings, RefuseATokenThatCouldNotBeSentAndDoNotShowIt) {
  environment.set("HF_TOKEN", "secret\r\nHost: evil");
  const auto message = error_of([] { Settings::of_environment(); });
  EXPECT_TRUE(mentions(message, {"HF_TOKEN", "token"}));
  EXPECT_EQ(message.find("secret"), message.npos);
}

TEST_F(HubSettings, TakeAnEndpointOfHttp) {
  environment.set("HF_ENDPOINT", "http://127.0.0.1:8000//");
  EXPECT_EQ(Settings::of_environment().endpoint, "http://127.0.0.1:8000");
  for (const auto* bad : {"huggingface.co", "file:///etc", "ftp://host", "x"}) {
    environment.set("HF_ENDPOINT", bad);
    EXPECT_TRUE(
        mentions(error_of([] { Settings::of_environment(); }), {"HF_ENDPOINT", "http", bad}));
  }
}

TEST_F(HubSettings, AreOfflineForTrueValues) {
  for (const auto* on : {"1", "true", "YES", "On"}) {
    environment.set("HF_HUB_OFFLINE", on);
    EXPECT_TRUE(Settings::of_environment().offline) << on;
  }
  environment.set("HF_HUB_OFFLINE", "0");
  EXPECT_FALSE(Settings::of_environment().offline);
}

}  // namespace
}  // namespace unclip::hub
