#pragma once

#include <ATen/core/Tensor.h>

#include <string>
#include <vector>

#include "cli/arguments.h"
#include "cli/image_inputs.h"
#include "engine/engine.h"

namespace unclip::cli {

/// Images that a verb begins with, and a row of each, with --prompt's text.
struct Originals {
  std::vector<at::Tensor> pixels;  // uint8 (3, H, W) each
  Embeddings rows;                 // that name the model
};

/// Each image is encoded by itself, so that its row does not depend on the others.
Originals read_originals(const ImageInputs& inputs, Engine& model, const Arguments& arguments);

}  // namespace unclip::cli
