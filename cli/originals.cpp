#include "cli/originals.h"

#include "kernels/tensor.h"

namespace unclip::cli {

Originals read_originals(const ImageInputs& inputs, Engine& model, const Arguments& arguments) {
  Originals all{.pixels = {}, .rows = embeddings_of(model.model())};
  std::vector<at::Tensor> embeddings;
  for (const auto& path : inputs.names()) {
    all.pixels.push_back(inputs.read(path));
    embeddings.push_back(model.encode_images({all.pixels.back()}));  // (1, D)
    Origin origin{.path = path};
    if (arguments.given("prompt")) origin.prompt = arguments.text("prompt");
    all.rows.origins.push_back(std::move(origin));
  }
  all.rows.image_embedding = ops::cat(embeddings);
  return all;
}

}  // namespace unclip::cli
