#pragma once

#include <functional>

#include "weights/model_dir.h"

namespace unclip::kandinsky22 {

/// The embedding (D) of an image of zeros, a constant of the model: `compute` returns it, and a
/// file in the user's cache folder (base/user_cache.h) keeps it for later runs. The file's name is
/// a hash of the image encoder's weights, its config, and `key`, which tells apart computations
/// that round differently.
at::Tensor zero_image_embedding(const ModelDir& model, const std::string& key,
                                const std::function<at::Tensor()>& compute);

}  // namespace unclip::kandinsky22
