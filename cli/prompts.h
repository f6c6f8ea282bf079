#pragma once

#include <iosfwd>
#include <string>
#include <vector>

namespace unclip::cli {

class Arguments;

/// The prompts on the command line, then those of the --prompts file ("-": `in`), one a line;
/// blank lines are left out. Throws UsageError where there is none at all, Error where the
/// file cannot be read or a prompt is not UTF-8.
std::vector<std::string> read_prompts(const Arguments& arguments, std::istream& in);

/// The words of the prompt, in lower case, that are not among `known`, each once, in order.
/// Letters, digits and what is not ASCII make a word, an apostrophe within one too.
std::vector<std::string> unknown_words(const std::string& prompt,
                                       const std::vector<std::string>& known);

}  // namespace unclip::cli
