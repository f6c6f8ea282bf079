// From a picture to its noise and back: invert, decode --start, vary --strength.

#include <ATen/ATen.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "cli/arguments.h"
#include "embedding/embeddings.h"
#include "image/png.h"
#include "nn/noise_source.h"
#include "tests/cli/run.h"
#include "tests/support/close.h"
#include "weights/checkpoint.h"
#include "weights/npy.h"

namespace unclip::cli {
namespace {

using testing::close;
using testing::error_of;
using testing::VerbFolder;
using testing::Words;
using testing::write_text;

at::Tensor small_picture(const VerbFolder& folder, const std::string& verb, const Words& words) {
  return folder.tensors(verb, words).tensor("image_small").clone();
}

TEST(Invert, FindsTheNoiseFromWhichDecodeComesAsNearAsItTells) {
  const VerbFolder folder;
  const auto file = folder.name("x.safetensors");
  const auto picture = folder.picture("a.png", 0.7);
  const auto told = nlohmann::json::parse(
      folder.run("invert", {picture, "--decoder-steps", "10", "--json", "-o", file}).out);
  EXPECT_EQ(told["path"], file);
  EXPECT_EQ(read_embeddings(file).origins[0].path, picture);

  const auto small = small_picture(folder, "decode", {file, "--start", file, "-s", "1"});
  auto truth = at::full_like(small, -1);  // what zero becomes
  truth.select(1, 0).fill_(2 * std::round(0.7 * 255) / 255 - 1);
  const auto error = (small - truth).div(2).square().mean().item<double>();
  EXPECT_NEAR(-10 * std::log10(error), told["psnr"][0].get<double>(), 0.05);
}

TEST(Invert, TellsThePsnrToPeople) {
  const VerbFolder folder;
  const auto a = folder.picture("a.png", 0.7), b = folder.picture("b.png", 0.1);
  const auto printed =
      testing::run_with({"invert", "-m", folder.name("model"), a, b, "--batch-size", "2",
                         "--decoder-steps", "3", "-o", folder.name("x.safetensors")});
  EXPECT_EQ(printed.out, folder.name("x.safetensors") + "\n");
  for (const auto& path : {a, b}) {
    EXPECT_NE(printed.err.find(path + ": decodes back with a PSNR of "), std::string::npos);
  }
}

TEST(Invert, RefusesAnArrayBeforeAnyWork) {
  const VerbFolder folder;
  const auto none = folder.name("none.png");
  EXPECT_THROW(folder.run("invert", {none, "-o", "x.npy"}), UsageError);
}

TEST(Decode, BeginsAtTheNoiseOfAnArray) {
  const VerbFolder folder;
  write_text(folder / "x.npy", npy_bytes(at::ones({1, 32})));
  const auto drawn = small_picture(folder, "decode", {folder.name("x.npy"), "-s", "5"});
  const auto side = drawn.size(-1);
  write_text(folder / "start.npy", npy_bytes(NoiseSource({5}).draw({3, side, side})));
  const auto one_step = Words{"--decoder-steps", "1"};
  const auto with = [&](Words words) {
    words.insert(words.begin(), folder.name("x.npy"));
    words.insert(words.end(), one_step.begin(), one_step.end());
    return small_picture(folder, "decode", words);
  };
  EXPECT_TRUE(at::equal(with({"-s", "5"}), with({"-s", "6", "--start", folder.name("start.npy")})));
  EXPECT_FALSE(at::equal(with({"-s", "5"}), with({"-s", "6"})));
}

TEST(Decode, RefusesNoiseThatDoesNotFit) {
  const VerbFolder folder;
  write_text(folder / "x.npy", npy_bytes(at::ones({3, 32})));
  const auto refusal = [&](const at::Tensor& x_T) {
    write_text(folder / "start.npy", npy_bytes(x_T));
    return error_of([&] {
      folder.run("decode", {folder.name("x.npy"), "--start", folder.name("start.npy"), "-o",
                            folder.name("y-{i}.png")});
    });
  };
  EXPECT_NE(refusal(at::ones({3, 5, 5})).find("start.npy: expected an x_T of (N, [3, "),
            std::string::npos);
  const auto file = folder.name("y.safetensors");
  folder.run("invert", {folder.picture("a.png", 0.7), "--decoder-steps", "2", "-o", file});
  const auto x_T = read_embeddings(file).start.x_T;
  EXPECT_NE(refusal(x_T.expand({2, -1, -1, -1}).contiguous())
                .find("expected one x_T, or one for each of 3 embeddings, found 2"),
            std::string::npos);
  EXPECT_EQ(refusal(x_T), "");
}

TEST(Vary, GoesFromThePictureAgainToRelatives) {
  const VerbFolder folder;
  const auto picture = folder.picture("a.png", 0.7);
  const auto file = folder.name("x.safetensors");
  folder.run("invert", {picture, "--decoder-steps", "10", "-o", file});
  const auto again = small_picture(folder, "decode", {file, "--start", file});
  const auto vary = [&](const std::string& strength, const std::string& seed) {
    return small_picture(folder, "vary",
                         {picture, "--strength", strength, "-s", seed, "--decoder-steps", "10"});
  };
  EXPECT_TRUE(close(vary("0", "1"), again, /*rtol=*/1e-4));
  EXPECT_TRUE(at::equal(vary("0", "1"), vary("0", "2")));
  EXPECT_FALSE(close(vary("0.5", "1"), vary("0.5", "2"), /*rtol=*/1e-2));
  EXPECT_THROW(vary("1.5", "1"), UsageError);
}

}  // namespace
}  // namespace unclip::cli
