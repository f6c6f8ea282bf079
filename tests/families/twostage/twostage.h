#pragma once

#include <filesystem>

#include "pipeline/family.h"

namespace unclip::testing::twostage {

/// A family that only tests know: a prior, and a decoder into a latent of half the image's side,
/// enlarged by nearest neighbour. The prior's parts lie in a companion folder, prior/, and both
/// folders call their scheduler "scheduler". Linking this folder registers it.
const Family& family();

/// Writes a tiny model of the family.
void write_model(const std::filesystem::path& dir);

}  // namespace unclip::testing::twostage
