#include "families/kandinsky22/kandinsky22.h"

#include "families/kandinsky22/zero_image.h"
#include "families/shared/prior_run.h"
#include "kernels/accelerator.h"
#include "kernels/tensor.h"

namespace unclip::kandinsky22 {

Kandinsky22::Kandinsky22(const ModelDir& folder, const PipelineOptions& options, const Needs& needs,
                         CheckedModel checked)
    : Model(folder, options, needs, parts_with_weights(needs)),
      device_(options.device),
      checked_(std::move(checked)),
      texts_(memory(), "text_encoder", checked_.configs.text_encoder,
             std::move(checked_.tokenizer)),
      images_(memory(), "image_encoder", checked_.configs.image_encoder,
              checked_.configs.feature_extractor),
      prior_(memory(), "prior", checked_.configs.prior),
      unet_(memory(), "unet", checked_.configs.unet),
      movq_(memory(), "movq", checked_.configs.movq) {}

ImageEmbedding Kandinsky22::prior(Run& run) {
  const auto& text = texts_.encode(run, &prior_);
  const bool both = run.has_negative_prompt();
  std::vector<int64_t> sizes = {embedding_width()};
  if (both) sizes.insert(sizes.begin(), 2);
  const auto z = run.sample("prior", sizes, [&](const StageRun& stage) {
    memory().hold({&prior_}, {&unet_});
    const PriorNetworks networks{.prior = prior_.get(), .replay = prior_.replay()};
    return both ? sample_prior_of_both(networks, text, run.noise(), stage)
                : sample_prior(networks, text, run.noise(), stage);
  });
  if (!both) return {.z = z, .negative = {}};
  return {.z = z.select(1, 0), .negative = z.select(1, 1)};
}

at::Tensor Kandinsky22::decode(const ImageEmbedding& embedding, Run& run) {
  const auto sizes = noise_sizes(run.image_size());
  const auto latent = run.sample(
      "decoder", sizes,
      [&](const StageRun& stage) {
        DecoderCondition condition{.z = to_device(embedding.z, device_), .negative = {}};
        if (stage.guidance.needs_unconditional()) {
          condition.negative = to_device(negative_embedding(embedding, run), device_);
        }
        memory().hold({&unet_}, {&movq_});
        const auto x_T = to_device(run.start(sizes), device_);
        return sample_latent(unet_network(), condition, x_T, run.noise(), stage);
      },
      [this](const at::Tensor& x) { return preview(x); });
  return preview(latent);
}

at::Tensor Kandinsky22::preview(const at::Tensor& latent) {
  memory().hold({&movq_});
  const auto& movq = *movq_.get();
  // One after the other: the largest layer of an image takes more memory than all latents.
  std::vector<at::Tensor> images;
  for (const auto& each : to_device(latent, device_).to(memory().options().dtype).split(1)) {
    images.push_back(movq.decode(each).to(at::kFloat));
  }
  return ops::cat(images);  // (B, 3, H, W)
}

at::Tensor Kandinsky22::invert(const at::Tensor& z, const at::Tensor& images, Run& run) {
  memory().hold({&movq_}, {&unet_});
  const auto pixels = to_device(images, device_).to(memory().options().dtype);
  const auto latent = movq_.get()->encode(pixels).to(at::kFloat);  // (B, C, h, w)
  return run.invert("decoder", [&](const StageRun& stage) {
    memory().hold({&unet_});
    NoiseSource none({});
    return sample_latent(unet_network(), {.z = to_device(z, device_), .negative = {}}, latent, none,
                         stage);
  });
}

at::Tensor Kandinsky22::encode_texts(const std::vector<std::string>& texts) {
  return texts_.embeddings(texts, &prior_);
}

at::Tensor Kandinsky22::encode_images(const std::vector<at::Tensor>& images) {
  return images_.embeddings(images);
}

int64_t Kandinsky22::embedding_width() const {
  const auto& c = checked_.configs;
  if (needs().decoder) return c.unet.encoder_hid_dim;
  return needs().text ? c.text_encoder.projection_dim : c.image_encoder.projection_dim;
}

std::vector<int64_t> Kandinsky22::noise_sizes(const ImageSize& size) const {
  const auto& c = checked_.configs.movq;
  return {c.vq_embed_dim, size.height / c.scale(), size.width / c.scale()};
}

ImageSizes Kandinsky22::image_sizes() const { return sizes_of(checked_.configs); }

at::Tensor Kandinsky22::negative_embedding(const ImageEmbedding& embedding, const Run& run) {
  if (embedding.negative.defined()) return embedding.negative;
  if (run.has_negative_prompt()) {
    fail(folder().defaults().name, ": expected an embedding of the negative prompt, which the ",
         "prior makes together with that of the prompt, got none");
  }
  if (!zero_image_.defined()) {
    folder().folder("image_encoder");  // throws if it is missing
    const auto side = checked_.configs.image_encoder.image_size;
    const auto& options = memory().options();
    const auto key = std::string(c10::toString(options.dtype)) + " " + device_.str();
    zero_image_ = zero_image_embedding(folder(), key, [&] {
      return images_.embeddings_of_pixels(ops::zeros({1, 3, side, side})).squeeze(0);
    });
  }
  return zero_image_.expand({run.size(), -1});
}

UNetNetwork Kandinsky22::unet_network() { return {.unet = unet_.get(), .replay = unet_.replay()}; }

}  // namespace unclip::kandinsky22
