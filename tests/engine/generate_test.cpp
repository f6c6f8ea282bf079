#include "engine/engine.h"

#include <gtest/gtest.h>

#include <functional>

#include "tests/support/close.h"
#include "tests/support/error_matcher.h"
#include "tests/support/golden.h"
#include "tests/support/karlo_options.h"
#include "tests/support/tiny_models.h"
#include "tests/weights/files.h"

namespace unclip {
namespace {

using testing::close;
using testing::error_of;
using testing::Golden;
using testing::TemporaryFolder;
using testing::TinyModel;
using testing::write_text;

at::Tensor stacked(const std::vector<GeneratedImage>& images, at::Tensor GeneratedImage::*field) {
  std::vector<at::Tensor> rows;
  for (const auto& image : images) rows.push_back(image.*field);
  return at::stack(rows);
}

/// A pipeline golden and its model in a folder.
struct TinyText {
  explicit TinyText(const std::string& name) : golden("pipeline_" + name) {
    const TinyModel write(golden, folder.path());
  }

  Engine load(const PipelineOptions& options = {}) const {
    return Engine::load(folder.path(), options);
  }
  template <class T>
  T metadata(const std::string& key) const {
    return nlohmann::json::parse(golden.metadata(key)).get<T>();
  }
  std::vector<std::string> prompts() const { return metadata<std::vector<std::string>>("prompts"); }
  /// The walk that the golden tells of.
  GenerateOptions walk() const {
    const auto steps = metadata<std::vector<int64_t>>("steps");
    const auto guidance = metadata<std::vector<double>>("guidance");
    GenerateOptions options{.seed = golden.seed(),
                            .stages = testing::karlo_steps(steps[0], steps[1], steps[2])};
    options.stages["prior"].guidance.scale = guidance[0];
    options.stages["decoder"].guidance.scale = guidance[1];
    return options;
  }

  Golden golden;
  TemporaryFolder folder;
};

class PipelineGolden : public ::testing::TestWithParam<const char*> {};

// float32 differs by the order of sums, which the walk's first steps enlarge: their x_0 is what the
// network makes of noise, divided by sqrt(alpha_bar).
TEST_P(PipelineGolden, PaintsWhatDiffusersPaints) {
  const TinyText tiny(GetParam());
  const auto images = tiny.load().generate(tiny.prompts(), tiny.walk());
  ASSERT_EQ(images.size(), tiny.prompts().size());

  const auto& golden = tiny.golden;
  EXPECT_TRUE(close(stacked(images, &GeneratedImage::token_ids), golden["token_ids"], 0));
  EXPECT_TRUE(close(stacked(images, &GeneratedImage::text_embedding), golden["text_embedding"],
                    /*rtol=*/1e-5));
  EXPECT_TRUE(close(stacked(images, &GeneratedImage::image_embedding), golden["image_embedding"],
                    /*rtol=*/1e-4));
  EXPECT_TRUE(close(stacked(images, &GeneratedImage::image_small), golden["image_small"],
                    /*rtol=*/1e-3));
  EXPECT_TRUE(close(stacked(images, &GeneratedImage::image), golden["image"], /*rtol=*/1e-3));
}
INSTANTIATE_TEST_SUITE_P(, PipelineGolden, ::testing::Values("plain", "unguided", "half_guided"),
                         [](const auto& info) { return info.param; });

TEST(Generate, PaintsThePromptsInOrderWithASeedEach) {
  const TinyText tiny("plain");
  auto options = tiny.walk();
  options.count = 2;
  options.seed = 40;
  options.batch_size = 3;
  const auto images = tiny.load().generate({"a fox", "snow"}, options);
  ASSERT_EQ(images.size(), 4U);
  for (size_t i = 0; i < 4; ++i) {
    EXPECT_EQ(images[i].prompt, i < 2 ? "a fox" : "snow");
    EXPECT_EQ(images[i].seed, 40 + i);
    EXPECT_EQ(images[i].index, static_cast<int64_t>(i));
  }
  EXPECT_FALSE(close(images[0].image, images[1].image, /*rtol=*/1e-2)) << "seeds are not used";
}

TEST(Generate, PaintsTheSameInEveryBatchAndMemory) {
  const TinyText tiny("plain");
  auto options = tiny.walk();
  options.count = 2;
  const auto alone = tiny.load().generate(tiny.prompts(), options);
  options.batch_size = 3;
  const auto together = tiny.load({.low_memory = true}).generate(tiny.prompts(), options);
  // What a sum's order changes, as against the reference above.
  EXPECT_TRUE(close(stacked(together, &GeneratedImage::image),
                    stacked(alone, &GeneratedImage::image), /*rtol=*/1e-3));
}

TEST(Generate, GivesEachPictureAwayAsSoonAsItIsThere) {
  const TinyText tiny("plain");
  auto options = tiny.walk();
  options.count = 3;
  options.batch_size = 2;
  std::vector<int64_t> given;
  options.on_progress = [&](const Progress& progress) {
    // The second batch begins when the first one's pictures are away.
    EXPECT_EQ(static_cast<int64_t>(given.size()), progress.first_image);
    return true;
  };
  options.on_image = [&](GeneratedImage&& image) { given.push_back(image.index); };
  EXPECT_TRUE(tiny.load().generate({"a fox"}, options).empty());
  EXPECT_EQ(given, (std::vector<int64_t>{0, 1, 2}));
}

TEST(Generate, TellsOfEveryStepOfEveryStage) {
  const TinyText tiny("plain");
  auto options = tiny.walk();
  std::vector<std::pair<std::string, int64_t>> told;
  options.on_progress = [&](const Progress& progress) {
    told.emplace_back(progress.stage, progress.step);
    return true;
  };
  tiny.load().generate({"a fox"}, options);

  std::vector<std::pair<std::string, int64_t>> expected = {{"text", 1}};
  for (int64_t i = 1; i <= *options.stages["prior"].steps; ++i) expected.emplace_back("prior", i);
  for (int64_t i = 1; i <= *options.stages["decoder"].steps; ++i)
    expected.emplace_back("decoder", i);
  for (int64_t i = 1; i <= *options.stages["super-res"].steps; ++i) {
    expected.emplace_back("super-res", i);
  }
  EXPECT_EQ(told, expected);
}

TEST(Generate, CanBeCancelledAtEveryStep) {
  const TinyText tiny("plain");
  auto model = tiny.load();
  auto options = tiny.walk();
  for (int stop = 1; stop <= 6; ++stop) {
    int calls = 0;
    options.on_progress = [&](const Progress&) { return ++calls < stop; };
    EXPECT_THROW(model.generate({"a fox"}, options), Cancelled);
    EXPECT_EQ(calls, stop);
  }
  options.on_progress = {};
  EXPECT_EQ(model.generate({"a fox"}, options).size(), 1U) << "it does not work any more";
}

TEST(Generate, PaintsInOneStepOfEachStage) {
  const TinyText tiny("plain");
  auto options = tiny.walk();
  options.stages["prior"].steps = options.stages["decoder"].steps =
      options.stages["super-res"].steps = 1;
  const auto images = tiny.load().generate({"a fox"}, options);
  EXPECT_TRUE(images[0].image.isfinite().all().item<bool>());
  EXPECT_GT(images[0].image.std().item<double>(), 1e-3);
}

TEST(Generate, PaintsInHalfPrecision) {
  const TinyText tiny("plain");
  const auto single = tiny.load().generate({"a fox"}, tiny.walk());
  for (const auto dtype : {at::kBFloat16, at::kHalf}) {
    const auto half = tiny.load({.dtype = dtype}).generate({"a fox"}, tiny.walk());
    EXPECT_TRUE(close(half[0].text_embedding, single[0].text_embedding, /*rtol=*/3e-2));
    EXPECT_FALSE(close(half[0].text_embedding, single[0].text_embedding, /*rtol=*/1e-6));
    EXPECT_EQ(half[0].image.scalar_type(), at::kFloat);
    EXPECT_TRUE(half[0].image.isfinite().all().item<bool>());
  }
}

TEST(Generate, TellsWhatOfAPromptItDoesNotRead) {
  const TinyText tiny("plain");
  std::string prompt = "a red fox";
  for (int i = 0; i < 40; ++i) prompt += " snow";
  const auto images = tiny.load().generate({"a red fox", prompt}, tiny.walk());
  EXPECT_EQ(images[0].cut, "");
  EXPECT_NE(images[1].cut.find("snow"), std::string::npos);
  EXPECT_EQ(images[1].cut.find("fox"), std::string::npos);
}

TEST(Generate, RefusesWhatItCannotPaint) {
  const TinyText tiny("plain");
  auto model = tiny.load();
  EXPECT_TRUE(
      testing::mentions(error_of([&] { model.generate({"\xFF"}, tiny.walk()); }), {"UTF-8"}));
  for (const auto* stage : {"prior", "decoder", "super-res"}) {
    for (const int64_t n : {0, 1001}) {
      auto options = tiny.walk();
      options.stages[stage].steps = n;
      EXPECT_TRUE(testing::mentions(error_of([&] { model.generate({"a fox"}, options); }),
                                    {"scheduler_config.json", "steps", std::to_string(n)}));
    }
  }
}

// With the prompt's own text in the unconditional rows there is nothing to follow.
TEST(Generate, ReadsTheNegativePromptInTheUnconditionalRows) {
  const TinyText tiny("plain");
  auto model = tiny.load();
  const auto embedding = [&](double scale, const std::string& negative) {
    auto options = tiny.walk();
    options.stages["prior"].guidance.scale = scale;
    options.negative_prompt = negative;
    return model.generate({"a red fox"}, options).front().image_embedding;
  };
  const auto alone = embedding(1, "");
  EXPECT_TRUE(close(embedding(4, "a red fox"), alone, /*rtol=*/1e-4));
  EXPECT_FALSE(close(embedding(4, ""), alone, /*rtol=*/1e-2));
  EXPECT_FALSE(close(embedding(4, "snow"), embedding(4, ""), /*rtol=*/1e-2));
}

TEST(Generate, TellsAWatcherOfEachStepAndPaintsTheSame) {
  const TinyText tiny("plain");
  auto model = tiny.load();
  auto options = tiny.walk();
  options.batch_size = 2;
  options.stages["prior"].guidance.scale = 1;
  options.stages["decoder"].guidance = {.scale = 3, .others = {.sigma_max = 10}};
  const auto unwatched = model.generate({"a", "b"}, options);
  std::vector<WatchedStep> steps;
  options.on_watch = [&](const WatchedStep& step) { steps.push_back(step); };
  const auto watched = model.generate({"a", "b"}, options);
  EXPECT_TRUE(at::equal(stacked(watched, &GeneratedImage::image),
                        stacked(unwatched, &GeneratedImage::image)));

  const auto of = [&](const std::string& stage) {
    std::vector<WatchedStep> found;
    for (const auto& step : steps) {
      if (step.progress.stage == stage) found.push_back(step);
    }
    return found;
  };
  const auto prior = of("prior"), decoder = of("decoder");
  EXPECT_EQ(static_cast<int64_t>(prior.size()), *options.stages["prior"].steps);
  EXPECT_EQ(static_cast<int64_t>(decoder.size()), *options.stages["decoder"].steps);
  EXPECT_EQ(static_cast<int64_t>(of("super-res").size()), *options.stages["super-res"].steps);
  for (const auto& step : prior) EXPECT_FALSE(step.guidance_rms.defined());
  EXPECT_FALSE(decoder.front().guidance_rms.defined());  // its noise is above 10
  ASSERT_TRUE(decoder.back().guidance_rms.defined());
  EXPECT_EQ(decoder.back().guidance_rms.sizes(), (std::vector<int64_t>{2}));
  EXPECT_GT(decoder.back().guidance_rms.min().item<double>(), 0);
  EXPECT_EQ(decoder.back().seeds, (std::vector<uint64_t>{options.seed, options.seed + 1}));
  // The last step ends at the model's x_0, but for the rounding of 1 - alpha_bar(0) to float32.
  EXPECT_TRUE(close(decoder.back().x_0, stacked(watched, &GeneratedImage::image_small),
                    /*rtol=*/1e-3));
}

TEST(Generate, TakesItsDefaultsFromTheFolder) {
  const TinyText tiny("plain");
  write_text(tiny.folder / "unclip.json", R"({"decoder_steps": 3, "prior_guidance": 2.5})");
  const auto plan = tiny.load().plan({.stages = {{"super-res", {.steps = 2}}}});
  EXPECT_EQ(plan.stage("prior").walk.steps, 25);
  EXPECT_EQ(plan.stage("decoder").walk.steps, 3);
  EXPECT_EQ(plan.stage("super-res").walk.steps, 2);
  EXPECT_EQ(plan.stage("prior").guidance.scale, 2.5);
  EXPECT_EQ(plan.stage("decoder").guidance.scale, 8);
}

TEST(Generate, BorrowsAPart) {
  const TinyText tiny("plain");
  const TemporaryFolder other;
  std::filesystem::rename(tiny.folder / "prior", other / "prior");
  const auto message = error_of([&] { tiny.load(); });
  EXPECT_NE(message.find("prior"), std::string::npos) << message;
  const auto images =
      tiny.load({.parts = {{"prior", other.path()}}}).generate(tiny.prompts(), tiny.walk());
  EXPECT_TRUE(close(stacked(images, &GeneratedImage::image_embedding),
                    tiny.golden["image_embedding"], /*rtol=*/1e-4));
}

/// Changes one key of a part's config.
void change(const TinyText& tiny, const std::string& file, const std::string& key,
            const nlohmann::json& value) {
  auto config = nlohmann::json::parse(testing::read_text(tiny.folder / file));
  config[key] = value;
  write_text(tiny.folder / file, config.dump());
}

struct Misfit {
  const char* file;
  const char* key;
  nlohmann::json value;
};

TEST(Generate, NamesFileAndKeyOfPartsThatDoNotFit) {
  const std::vector<Misfit> misfits = {
      {"text_encoder/config.json", "max_position_embeddings", 20},
      {"text_encoder/config.json", "projection_dim", 24},
      {"text_encoder/config.json", "vocab_size", 300},
      {"prior/config.json", "num_embeddings", 20},
      {"prior/config.json", "embedding_dim", 24},
      {"text_proj/config.json", "clip_embeddings_dim", 24},
      {"text_proj/config.json", "cross_attention_dim", 12},
      {"text_proj/config.json", "time_embed_dim", 12},
      {"decoder/config.json", "sample_size", 7},
      {"decoder/config.json", "out_channels", 3},
      {"super_res_first/config.json", "in_channels", 3},
      {"super_res_last/config.json", "sample_size", 64},
      {"prior_scheduler/scheduler_config.json", "variance_type", "learned_range"},
      {"super_res_scheduler/scheduler_config.json", "variance_type", "learned_range"},
  };
  for (const auto& [file, key, value] : misfits) {
    const TinyText tiny("plain");
    change(tiny, file, key, value);
    const auto message = error_of([&] { tiny.load(); });
    // A key that only sets the size of tensors shows in their shapes.
    const bool named = message.find(key) != message.npos;
    const bool shapes = message.find("does not fit the model") != message.npos;
    EXPECT_TRUE(named || shapes) << file << " " << key << ": " << message;
    const auto part = std::string(file).substr(0, std::string(file).find('/'));
    EXPECT_NE(message.find(part), std::string::npos) << file << " " << key << ": " << message;
  }
}

// The reference then takes the text's mask for one of pixels.
TEST(Generate, RefusesAsManyTokensAsPixelsThatAttend) {
  const TinyText tiny("plain");
  change(tiny, "decoder/config.json", "sample_size", 10);  // 5 x 5 pixels attend
  change(tiny, "text_proj/config.json", "clip_extra_context_tokens", 10);
  EXPECT_EQ(error_of([&] { tiny.load(); }).find("attend"), std::string::npos);
  change(tiny, "text_proj/config.json", "clip_extra_context_tokens", 9);  // 16 + 9 tokens
  const auto message = error_of([&] { tiny.load(); });
  EXPECT_NE(message.find("25"), std::string::npos) << message;
}

TEST(Generate, RefusesOptionsOfAStageThatTheModelLacks) {
  const TinyText tiny("plain");
  auto options = tiny.walk();
  options.stages["decodr"].steps = 2;
  EXPECT_TRUE(testing::mentions(error_of([&] { tiny.load().generate({"a fox"}, options); }),
                                {"'decodr'", "decoder"}));
}

TEST(Generate, HoldsNoNetworkAfterACallInLowMemory) {
  const TinyText tiny("plain");
  auto low = tiny.load({.low_memory = true});
  auto options = tiny.walk();
  options.on_image = [&](GeneratedImage&&) { EXPECT_TRUE(low.loaded_parts().empty()); };
  low.generate({"a fox"}, options);
  EXPECT_TRUE(low.loaded_parts().empty());
  low.prior({"a fox"}, tiny.walk());
  EXPECT_TRUE(low.loaded_parts().empty());
  auto kept = tiny.load();
  kept.generate({"a fox"}, tiny.walk());
  EXPECT_EQ(kept.loaded_parts().size(), 6U);
}

TEST(Generate, NeedsWhatItWasLoadedFor) {
  const TinyText tiny("plain");
  auto encoder = Engine::load(tiny.folder.path(), Needs{.text = true});
  EXPECT_THROW(encoder.generate({"a fox"}, tiny.walk()), c10::Error);
  EXPECT_THROW(encoder.prior({"a fox"}, tiny.walk()), c10::Error);
  EXPECT_THROW(encoder.encode_images({at::zeros({3, 8, 8}, at::kByte)}), c10::Error);
  auto images = Engine::load(tiny.folder.path(), Needs{.image_encoder = true});
  EXPECT_THROW(images.encode_texts({"a fox"}), c10::Error);
}

TEST(Generate, TakesRowsThatAreAlike) {
  const TinyText tiny("plain");
  auto model = tiny.load();
  const auto z = at::zeros({model.width()});
  const RunPlace place{.first = 0, .total = 2};
  EXPECT_THROW(model.make_images({{.prompt = "a"}, {.prompt = "b", .image_embedding = z}},
                                 tiny.walk(), place),
               c10::Error);
  EXPECT_THROW(model.make_images({{.prompt = "a", .draws = 1}}, tiny.walk(), place), c10::Error);
}

}  // namespace
}  // namespace unclip
