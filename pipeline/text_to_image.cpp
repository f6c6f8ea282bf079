#include "pipeline/text_to_image.h"

#include <ATen/ATen.h>

#include <chrono>

#include "clip/text_encoder.h"
#include "clip/tokenizer.h"
#include "core/noise_source.h"
#include "pipeline/model_configs.h"
#include "pipeline/sample_decoder.h"
#include "pipeline/sample_prior.h"
#include "pipeline/sample_super_resolution.h"
#include "weights/load.h"

namespace unclip {
namespace {

using Clock = std::chrono::steady_clock;

/// A network that is loaded when it is first asked for.
template <class Network, class NetworkConfig>
class Lazy {
 public:
  Lazy(const char* part, NetworkConfig config) : part_(part), config_(std::move(config)) {}

  Network& get(const ModelDir& model, const PipelineOptions& options) {
    if (!network_) {
      Network fresh(config_);
      unclip::load(*fresh, model.weights(part_),
                   {.dtype = options.dtype, .device = options.device});
      network_ = fresh;
    }
    return network_;
  }
  void free() { network_ = nullptr; }

 private:
  const char* part_;
  NetworkConfig config_;
  Network network_{nullptr};
};

/// What is known of a batch's pictures before they are painted.
struct Batch {
  std::vector<std::string> prompts;
  std::vector<uint64_t> seeds;
  std::vector<std::string> cuts;
  at::Tensor token_ids, mask;  // (2 B, T), [unconditional..., conditional...]

  int64_t size() const { return static_cast<int64_t>(prompts.size()); }
};

}  // namespace

/// The networks of all stages, and each stage as a function of the one before.
class TextToImage::Stages {
 public:
  Stages(const std::filesystem::path& dir, const PipelineOptions& options)
      : model_(ModelDir::open(dir, options.parts)),
        options_(options),
        configs_(ModelConfigs::from(model_)),
        tokenizer_(Tokenizer::load(model_.folder("tokenizer"))),
        text_encoder_("text_encoder", configs_.text_encoder),
        prior_("prior", configs_.prior),
        text_proj_("text_proj", configs_.text_proj),
        decoder_("decoder", configs_.decoder),
        super_res_first_("super_res_first", configs_.super_res_first),
        super_res_last_("super_res_last", configs_.super_res_last) {
    // A file that is missing is told now, not after the stages before it; their headers alone are
    // read.
    for (const auto* part :
         {"text_encoder", "prior", "text_proj", "decoder", "super_res_first", "super_res_last"}) {
      model_.weights(part);
    }
    if (tokenizer_.vocab_size() > configs_.text_encoder.vocab_size) {
      fail(model_.folder("tokenizer"), ": holds token ids up to ", tokenizer_.vocab_size() - 1,
           "; 'vocab_size' of ", model_.config("text_encoder").name(), " is ",
           configs_.text_encoder.vocab_size);
    }
  }

  const ModelDir& model() const { return model_; }

  Batch tokenize(std::vector<std::string> prompts, std::vector<uint64_t> seeds) const {
    Batch batch{.prompts = std::move(prompts), .seeds = std::move(seeds)};
    const auto length = configs_.text_encoder.max_position_embeddings;
    std::vector<at::Tensor> ids, masks;
    const auto add = [&](const std::string& text) {
      const auto tokens = tokenizer_.encode(text, length);
      ids.push_back(at::tensor(tokens.ids));
      masks.push_back(at::tensor(tokens.mask).to(at::kFloat));
      return tokens.cut;
    };
    for (int64_t i = 0; i < batch.size(); ++i) add("");
    for (const auto& prompt : batch.prompts) batch.cuts.push_back(add(prompt));
    batch.token_ids = at::stack(ids);  // (2 B, T)
    batch.mask = at::stack(masks);
    return batch;
  }

  TextCondition encode_text(const Batch& batch) {
    auto text = text_encoder_.get(model_, options_)(batch.token_ids.to(options_.device),
                                                    batch.mask.to(options_.device));
    if (options_.low_memory) text_encoder_.free();
    return text;
  }

  at::Tensor prior(const TextCondition& text, NoiseSource& noise, const StageOptions& stage) {
    auto z = sample_prior(prior_.get(model_, options_), model_.config("prior_scheduler"), text,
                          noise, stage);
    if (options_.low_memory) prior_.free();
    return z;
  }

  at::Tensor decoder(const TextCondition& text, const at::Tensor& z, NoiseSource& noise,
                     const StageOptions& stage) {
    auto small = sample_decoder(decoder_.get(model_, options_), text_proj_.get(model_, options_),
                                model_.config("decoder_scheduler"), text, z, noise, stage);
    if (options_.low_memory) {
      decoder_.free();
      text_proj_.free();
    }
    return small;
  }

  at::Tensor super_resolution(const at::Tensor& small, NoiseSource& noise,
                              const StageOptions& stage) {
    const SuperResolutionNetworks networks{.first = super_res_first_.get(model_, options_),
                                           .last = super_res_last_.get(model_, options_),
                                           .dtype = options_.dtype};
    auto image = sample_super_resolution(networks, model_.config("super_res_scheduler"), small,
                                         noise, stage);
    if (options_.low_memory) {
      super_res_first_.free();
      super_res_last_.free();
    }
    return image;
  }

 private:
  ModelDir model_;
  PipelineOptions options_;
  ModelConfigs configs_;
  Tokenizer tokenizer_;
  Lazy<TextEncoder, ClipTextConfig> text_encoder_;
  Lazy<PriorTransformer, PriorConfig> prior_;
  Lazy<TextProjection, TextProjectionConfig> text_proj_;
  Lazy<UNet, UNetConfig> decoder_, super_res_first_, super_res_last_;
};

namespace {

/// Tells of a batch's steps, and ends the run where the listener says so.
class Reporter {
 public:
  Reporter(const OnProgress& on_progress, Progress batch)
      : on_progress_(on_progress), batch_(batch) {}

  void tell(Stage stage, int64_t step, int64_t steps) const {
    if (!on_progress_) return;
    auto progress = batch_;
    progress.stage = stage;
    progress.step = step;
    progress.steps = steps;
    if (!on_progress_(progress)) throw Cancelled();
  }

  StageOptions options(Stage stage, int64_t steps, double guidance_scale) const {
    return {.steps = steps,
            .guidance_scale = guidance_scale,
            .on_step = [this, stage](int64_t step, int64_t of) { tell(stage, step, of); }};
  }

 private:
  const OnProgress& on_progress_;
  Progress batch_;
};

}  // namespace

TextToImage::TextToImage(std::unique_ptr<Stages> stages) : stages_(std::move(stages)) {}
TextToImage::~TextToImage() = default;
TextToImage::TextToImage(TextToImage&&) noexcept = default;
TextToImage& TextToImage::operator=(TextToImage&&) noexcept = default;

TextToImage TextToImage::load(const std::filesystem::path& dir, const PipelineOptions& options) {
  return TextToImage(std::make_unique<Stages>(dir, options));
}

const ModelDir& TextToImage::model() const { return stages_->model(); }

Settings TextToImage::settings(const GenerateOptions& options) const {
  const auto& d = model().defaults();
  return {.prior_steps = options.prior_steps.value_or(d.prior_steps),
          .decoder_steps = options.decoder_steps.value_or(d.decoder_steps),
          .super_res_steps = options.super_res_steps.value_or(d.super_res_steps),
          .prior_guidance = options.prior_guidance.value_or(d.prior_guidance),
          .decoder_guidance = options.decoder_guidance.value_or(d.decoder_guidance)};
}

std::vector<GeneratedImage> TextToImage::generate(const std::vector<std::string>& prompts,
                                                  const GenerateOptions& options) {
  const at::NoGradGuard no_grad;
  const auto s = settings(options);
  const auto total = static_cast<int64_t>(prompts.size()) * options.count;
  TORCH_CHECK(options.batch_size > 0, "batch_size is ", options.batch_size);

  std::vector<GeneratedImage> results;
  for (int64_t first = 0; first < total; first += options.batch_size) {
    const auto start = Clock::now();
    const auto images = std::min(options.batch_size, total - first);
    std::vector<std::string> texts;
    std::vector<uint64_t> seeds;
    for (auto i = first; i < first + images; ++i) {
      texts.push_back(prompts[static_cast<size_t>(i / options.count)]);
      seeds.push_back(options.seed + static_cast<uint64_t>(i));
    }
    const Reporter reporter(options.on_progress,
                            {.first_image = first, .images = images, .total_images = total});
    NoiseSource noise(seeds);

    const auto batch = stages_->tokenize(texts, seeds);
    const auto text = stages_->encode_text(batch);
    reporter.tell(Stage::kText, 1, 1);
    const auto z = stages_->prior(text, noise,
                                  reporter.options(Stage::kPrior, s.prior_steps, s.prior_guidance));
    const auto small = stages_->decoder(
        text, z, noise, reporter.options(Stage::kDecoder, s.decoder_steps, s.decoder_guidance));
    const auto large = stages_->super_resolution(
        small, noise, reporter.options(Stage::kSuperResolution, s.super_res_steps, 1));
    const auto image = (large / 2 + 0.5).clamp(0, 1);  // (B, 3, H, W)

    const double seconds = std::chrono::duration<double>(Clock::now() - start).count();
    for (int64_t i = 0; i < images; ++i) {
      const auto j = static_cast<size_t>(i);
      GeneratedImage result{.prompt = texts[j],
                            .seed = seeds[j],
                            .index = first + i,
                            .cut = batch.cuts[j],
                            .token_ids = batch.token_ids[images + i],
                            .text_embedding = text.text_embedding[images + i],
                            .image_embedding = z[i],
                            .image_small = small[i],
                            .image = image[i].cpu(),
                            .seconds = seconds / static_cast<double>(images)};
      if (options.on_image) {
        options.on_image(std::move(result));
      } else {
        results.push_back(std::move(result));
      }
    }
  }
  return results;
}

}  // namespace unclip
