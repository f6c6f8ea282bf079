#pragma once

#include <string_view>

namespace unclip::judge::picturebook {

/// The contents of the files of the same names, which are built into the program.
std::string_view templates_png();
std::string_view names_tsv();

}  // namespace unclip::judge::picturebook
