#pragma once

#include <iosfwd>
#include <string>
#include <vector>

#include "cli/arguments.h"

namespace unclip::cli {

/// --count and --prompts
Flags prompt_flags();

/// The prompts on the command line, then those of the --prompts file ("-": `in`), one a line;
/// blank lines are left out. Throws UsageError where there is none at all, Error where the
/// file cannot be read or a prompt is not UTF-8.
std::vector<std::string> read_prompts(const Arguments& arguments, std::istream& in);

/// Throws Error, which begins with `where`, unless the text is UTF-8.
void expect_utf8(const std::string& where, const std::string& text);

/// The lines of a list, "-": `in`, else a file. Blank ones are left out. Throws Error where it
/// cannot be read, a line is not UTF-8, or there is none: "has no <what> in it".
std::vector<std::string> read_list(const std::string& name, std::istream& in, const char* what);

/// The words of the prompt, in lower case, that are not among `known`, each once, in order.
/// Letters, digits and what is not ASCII make a word, an apostrophe within one too.
std::vector<std::string> unknown_words(const std::string& prompt,
                                       const std::vector<std::string>& known);

}  // namespace unclip::cli
