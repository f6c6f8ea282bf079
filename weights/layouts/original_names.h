#pragma once

#include "weights/layouts/new_place.h"

namespace unclip {

// How the authors' own files call the tensors of networks that several families share. Prefixes
// that all tensors of a part have in common are removed by the caller. A tensor that a part does
// not know keeps its name, so that loading reports it as unused.

/// The prior of Karlo and Kandinsky 2.1, without the statistics.
/// https://github.com/kakaobrain/karlo
NewPlace original_prior_place(std::string_view name);

/// The two tensors of ViT-L-14_stats.th: mean and deviation of the prior's image embeddings.
std::optional<NewPlace> original_statistics_place(std::string_view name);

/// A U-Net of Karlo or Kandinsky 2.1 with `layers_per_block` ResNets on a level.
NewPlace original_unet_place(std::string_view name, int64_t layers_per_block);

/// The text encoder in a file of OpenAI's CLIP; nothing for tensors of the image encoder and for
/// numbers that only describe the model. https://github.com/openai/CLIP
std::optional<NewPlace> original_clip_text_place(std::string_view name);
/// The same of the image encoder.
std::optional<NewPlace> original_clip_image_place(std::string_view name);

}  // namespace unclip
