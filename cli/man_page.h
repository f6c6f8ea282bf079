#pragma once

#include <string>

namespace unclip::cli {

/// The man page unclip-VERB(1) in troff's man macros, made from the table of flags; with an empty
/// name unclip(1), which lists the verbs. Throws UsageError if there is no such verb.
std::string man_page(const std::string& verb);

}  // namespace unclip::cli
