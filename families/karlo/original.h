#pragma once

#include <filesystem>
#include <map>
#include <optional>
#include <string>

#include "weights/model_dir.h"

namespace unclip::karlo {

/// Family::open_original: a folder with the files that Karlo's authors published, which are
/// recognised by their tensors, whatever their names:
///   prior-ckpt-step=01000000-of-01000000.ckpt       prior
///   ViT-L-14_stats.th                               its statistics
///   decoder-ckpt-step=01000000-of-01000000.ckpt     decoder, text_proj
///   improved-sr-ckpt-step=1.2M.ckpt                 super_res_first, super_res_last
///   ViT-L-14.pt                                     text_encoder, image_encoder
/// A part's config is PART/config.json (or scheduler_config.json, preprocessor_config.json) of the
/// folder, else the published one. The files hold no tokenizer: it lies in tokenizer/, or is
/// borrowed. Nothing if the folder holds neither Karlo's prior nor a decoder or super-resolution of
/// it. Throws Error if two files hold the same part, or one of PyTorch's files cannot be read while
/// another one is Karlo's.
std::optional<ModelDir> open_original(const std::filesystem::path& dir,
                                      const std::map<std::string, std::filesystem::path>& borrowed);

}  // namespace unclip::karlo
