#include "families/shared/clip_prior.h"

#include "clip/image_encoder.h"
#include "clip/text_encoder.h"
#include "prior/prior_transformer.h"

namespace unclip {

std::vector<PartSpec> clip_prior_parts(const std::string& home, const std::string& preprocessor) {
  const std::vector<std::string> config = {"config.json"}, transformers = {"transformers"};
  std::vector<PartSpec> parts = {
      {"tokenizer",
       {"CLIPTokenizer", "CLIPTokenizerFast"},
       transformers,
       {"tokenizer.json", "vocab.json", "merges.txt", "added_tokens.json",
        "special_tokens_map.json", "tokenizer_config.json"},
       ""},
      {"text_encoder", {"CLIPTextModelWithProjection"}, transformers, config, "model"},
      {"feature_extractor",
       {"CLIPImageProcessor", "CLIPImageProcessorFast", "CLIPImageProcessorPil",
        "CLIPFeatureExtractor"},
       transformers,
       {"preprocessor_config.json"},
       "",
       preprocessor},
      {"image_encoder", {"CLIPVisionModelWithProjection"}, transformers, config, "model"},
      {"prior", {"PriorTransformer"}, {"diffusers"}, config, "diffusion_pytorch_model"},
  };
  for (auto& part : parts) part.home = home;
  return parts;
}

std::vector<PartCheck> clip_prior_checks() {
  return {{"tokenizer", check_tokenizer},
          {"text_encoder", check_network<TextEncoder, ClipTextConfig>},
          {"feature_extractor", check_feature_extractor},
          {"image_encoder", check_network<ImageEncoder, ClipVisionConfig>},
          {"prior", check_network<PriorTransformer, PriorConfig>},
          {"prior_scheduler", check_scheduler}};
}

StageSpec prior_stage(int64_t fast_steps, int64_t balanced_steps) {
  return {.name = "prior",
          .label = "prior",
          .title = "the prior",
          .half = Half::kPrior,
          .scheduler = "prior_scheduler",
          .steps = 25,
          .fast_steps = fast_steps,
          .balanced_steps = balanced_steps,
          .guidance = 4,
          .steps_help = "steps from noise to an image embedding",
          .guidance_help = "how strongly the embedding c follows the prompt, u + W (c - u)"};
}

void expect_prior_fits(const ModelDir& model, const PriorConfig& prior,
                       const ClipTextConfig& text) {
  const PartNumber width{"prior", "embedding_dim", prior.embedding_dim};
  expect_equal(model, width, {"text_encoder", "projection_dim", text.projection_dim});
  expect_equal(model, width, {"text_encoder", "hidden_size", text.transformer.hidden_size});
  expect_equal(model, {"prior", "num_embeddings", prior.num_embeddings},
               {"text_encoder", "max_position_embeddings", text.max_position_embeddings});
}

}  // namespace unclip
