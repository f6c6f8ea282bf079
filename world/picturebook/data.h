#pragma once

#include <string_view>

namespace unclip::world::picturebook {

/// The contents of the files of the same names, which are built into the program.
std::string_view atlas_png();
std::string_view objects_tsv();

}  // namespace unclip::world::picturebook
