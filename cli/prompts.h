#pragma once

#include <fstream>
#include <iosfwd>
#include <optional>
#include <string>
#include <vector>

#include "cli/arguments.h"

namespace unclip::cli {

/// --count, --prompts and --comments
Flags prompt_flags();

/// The lines of a list, read one at a time: of `in` if the name is "-", else of a file. Blank lines
/// are left out, and with `comments` those that begin with #.
class LineReader {
 public:
  /// `what` a line holds, for the errors: "prompt". Throws Error if the file cannot be read.
  LineReader(const std::string& name, std::istream& in, const char* what, bool comments = false);

  /// The next line; nothing at the end. Waits for it if it is still to come. Throws Error if it is
  /// not UTF-8 or cannot be read.
  std::optional<std::string> next();
  /// The same for a line of any bytes, such as a file's name.
  std::optional<std::string> next_bytes();

 private:
  std::string shown_;
  std::ifstream file_;
  std::istream& lines_;
  const char* what_;
  bool comments_;
  int64_t number_ = 0;
};

/// The prompts of the command line, then those of the --prompts files. Throws UsageError if there
/// are none, Error if a file cannot be read or a prompt is not UTF-8.
std::vector<std::string> read_prompts(const Arguments& arguments, std::istream& in);

/// The prompts of a run that paints each as it comes.
struct PromptStream {
  std::vector<std::string> first;  ///< those that are known at once, perhaps none
  std::optional<LineReader> rest;  ///< standard input, if --prompts - asks for it

  /// Throws as read_prompts does; --prompts - may be given once.
  PromptStream(const Arguments& arguments, std::istream& in);
};
/// All lines of a list, whatever their bytes, perhaps none. Throws Error if it cannot be read.
std::vector<std::string> read_lines(const std::string& name, std::istream& in);

/// Throws Error, which begins with `where`, unless the text is UTF-8.
void expect_utf8(const std::string& where, const std::string& text);

/// All lines of a list, as LineReader reads them. Throws Error also if there is none: "has no
/// <what> in it".
std::vector<std::string> read_list(const std::string& name, std::istream& in, const char* what,
                                   bool comments = false);

/// The words of the prompt, in lower case, that are not among `known`, each once, in order.
/// Letters, digits and characters outside ASCII make a word, and so does an apostrophe inside one.
std::vector<std::string> unknown_words(const std::string& prompt,
                                       const std::vector<std::string>& known);

/// The message about words of the prompts that the model does not know, with the nearest known
/// ones: `toybox does not know "bll" (ball?); `unclip info` lists its 60 words`. Empty if it knows
/// them all, or if `known` is empty: then it takes any word.
std::string unknown_words_message(const std::vector<std::string>& prompts, const std::string& model,
                                  const std::vector<std::string>& known);

}  // namespace unclip::cli
