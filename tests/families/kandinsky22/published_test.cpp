#include "families/kandinsky22/kandinsky22.h"

#include <gtest/gtest.h>

#include "base/config.h"
#include "clip/image_encoder.h"
#include "clip/text_encoder.h"
#include "tests/support/keys.h"

namespace unclip::kandinsky22 {
namespace {

using testing::has_keys_of;

template <class NetworkConfig>
NetworkConfig published(const std::string& part) {
  return NetworkConfig::from(Config::read("tests/golden/kandinsky22/" + part + ".config.json"));
}

TEST(Kandinsky22, HasTheTensorsOfThePublishedModel) {
  const std::string family = "kandinsky22";
  EXPECT_TRUE(
      has_keys_of(TextEncoder(published<ClipTextConfig>("text_encoder")), "text_encoder", family));
  EXPECT_TRUE(has_keys_of(ImageEncoder(published<ClipVisionConfig>("image_encoder")),
                          "image_encoder", family));
  EXPECT_TRUE(has_keys_of(PriorTransformer(published<PriorConfig>("prior")), "prior", family));
  EXPECT_TRUE(has_keys_of(UNet(published<UNetConfig>("unet")), "unet", family));
  EXPECT_TRUE(has_keys_of(Autoencoder(published<VaeConfig>("movq")), "movq", family));
}

TEST(Kandinsky22, PaintsMultiplesOf64Pixels) {
  Configs configs;
  configs.unet = published<UNetConfig>("unet");
  configs.movq = published<VaeConfig>("movq");
  const auto sizes = sizes_of(configs);
  EXPECT_EQ(sizes.image, (ImageSize{512, 512}));
  EXPECT_EQ(sizes.multiple, 64);
}

}  // namespace
}  // namespace unclip::kandinsky22
