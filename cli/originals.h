#pragma once

#include <ATen/core/Tensor.h>

#include <string>
#include <vector>

#include "cli/arguments.h"
#include "pipeline/embedding_pipeline.h"

namespace unclip::cli {

/// Pictures that a verb begins with, and a row of each, with --prompt's text.
struct Originals {
  std::vector<at::Tensor> pixels;  // uint8 (3, H, W) each
  Embeddings rows;                 // that name the model
};

/// Each picture is encoded by itself, so that its row does not depend on the others.
Originals read_originals(const std::vector<std::string>& paths, EmbeddingPipeline& model,
                         const Arguments& arguments);

}  // namespace unclip::cli
