#pragma once

#include <cstdint>
#include <vector>

namespace unclip {

class Config;

/// How the decoder's blocks normalise: over groups of channels, or also modulated by the latent at
/// each pixel.
enum class VaeNorm { kGroup, kSpatial };

/// The config.json of an autoencoder of latents: VQModel, whose codebook is not used. The fields
/// bear the JSON's names.
struct VaeConfig {
  int64_t in_channels = 3;
  int64_t out_channels = 3;
  int64_t latent_channels = 3;
  int64_t vq_embed_dim = 0;       // channels of what encode() returns; if absent, latent_channels
  int64_t num_vq_embeddings = 0;  // rows of the codebook
  std::vector<int64_t> block_out_channels;  // of the levels, from the largest image
  std::vector<bool> encoder_attends;        // for each level of the encoder, in its order
  std::vector<bool> decoder_attends;        // for each level of the decoder, in its order
  bool mid_block_add_attention = true;
  int64_t layers_per_block = 1;
  int64_t norm_num_groups = 32;
  VaeNorm norm_type = VaeNorm::kGroup;  // of the decoder; the encoder's is kGroup

  /// Pixels of an image's side for one of a latent's.
  int64_t scale() const { return int64_t{1} << (block_out_channels.size() - 1); }

  static VaeConfig from(const Config& config);
};

}  // namespace unclip
