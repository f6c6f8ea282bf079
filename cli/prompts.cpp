#include "cli/prompts.h"

#include <algorithm>
#include <cerrno>
#include <filesystem>
#include <istream>

#include "base/error.h"
#include "base/file_bytes.h"
#include "base/nearest_name.h"
#include "base/utf8.h"
#include "cli/arguments.h"

namespace unclip::cli {
namespace {

bool is_letter(char c) {
  return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || static_cast<unsigned char>(c) >= 0x80;
}

std::vector<std::string> words_of(const std::string& prompt) {
  std::vector<std::string> words;
  std::string word;
  for (size_t i = 0; i <= prompt.size(); ++i) {
    char c = i < prompt.size() ? prompt[i] : ' ';
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
    const bool inner = c == '\'' && !word.empty() && i + 1 < prompt.size() &&
                       (is_letter(prompt[i + 1]) || (prompt[i + 1] >= 'A' && prompt[i + 1] <= 'Z'));
    if (is_letter(c) || inner) {
      word += c;
    } else if (!word.empty()) {
      words.push_back(std::exchange(word, ""));
    }
  }
  return words;
}

bool comments_of(const Arguments& arguments) {
  return arguments.knows("comments") && arguments.on("comments");
}

bool contains(const std::vector<std::string>& words, const std::string& word) {
  return std::find(words.begin(), words.end(), word) != words.end();
}

}  // namespace

Flags prompt_flags() {
  return {
      {"count", 'n', "N", "1", "images of each prompt", "Image"},
      {"prompts", 0, "FILE", "",
       "read prompts from FILE too, one a line; - is standard input, and generate paints each "
       "line as it comes",
       "Image"},
      {"comments", 0, "", "", "skip lines of --prompts that begin with #", "Image", false, true}};
}

void expect_utf8(const std::string& where, const std::string& text) {
  if (!is_utf8(text)) fail(where, ": expected UTF-8 text");
}

LineReader::LineReader(const std::string& name, std::istream& in, const char* what, bool comments)
    : shown_(name == "-" ? "standard input" : name),
      lines_(name == "-" ? in : file_),
      what_(what),
      comments_(comments) {
  if (name == "-") return;
  errno = 0;
  file_.open(name, std::ios::binary);
  std::error_code ignored;
  if (!file_ || std::filesystem::is_directory(name, ignored)) fail_to_read(name);
}

std::optional<std::string> LineReader::next_bytes() {
  for (std::string line; std::getline(lines_, line);) {
    if (++number_ == 1 && line.starts_with("\xEF\xBB\xBF")) line.erase(0, 3);  // byte order mark
    if (line.ends_with('\r')) line.pop_back();
    const auto begin = line.find_first_not_of(" \t");
    if (begin != line.npos && !(comments_ && line[begin] == '#')) return line;
  }
  if (lines_.bad()) fail(shown_, ": cannot be read");
  return std::nullopt;
}

std::optional<std::string> LineReader::next() {
  auto line = next_bytes();
  if (line && !is_utf8(*line)) {
    fail(shown_, ", line ", number_, ": expected a ", what_, " in UTF-8");
  }
  return line;
}

std::vector<std::string> read_lines(const std::string& name, std::istream& in) {
  LineReader lines(name, in, "name");
  std::vector<std::string> list;
  while (auto line = lines.next_bytes()) list.push_back(std::move(*line));
  return list;
}

std::vector<std::string> read_list(const std::string& name, std::istream& in, const char* what,
                                   bool comments) {
  LineReader lines(name, in, what, comments);
  std::vector<std::string> list;
  while (auto line = lines.next()) list.push_back(std::move(*line));
  if (list.empty()) {
    fail(name == "-" ? "standard input" : name, ": expected at least one ", what, ", found none");
  }
  return list;
}

namespace {

[[noreturn]] void fail_without_prompts() {
  throw UsageError("expected a prompt: PROMPT or --prompts FILE");
}

/// Those of the command line, checked.
std::vector<std::string> given_prompts(const Arguments& arguments) {
  const auto& prompts = arguments.words();
  for (size_t i = 0; i < prompts.size(); ++i) {
    expect_utf8("prompt " + std::to_string(i + 1) + " of the command line", prompts[i]);
  }
  return prompts;
}

}  // namespace

std::vector<std::string> read_prompts(const Arguments& arguments, std::istream& in) {
  auto prompts = given_prompts(arguments);
  for (const auto& name : arguments.texts("prompts")) {
    const auto more = read_list(name, in, "prompt", comments_of(arguments));
    prompts.insert(prompts.end(), more.begin(), more.end());
  }
  if (prompts.empty()) fail_without_prompts();
  return prompts;
}

PromptStream::PromptStream(const Arguments& arguments, std::istream& in)
    : first(given_prompts(arguments)) {
  const bool comments = comments_of(arguments);
  for (const auto& name : arguments.texts("prompts")) {
    if (name == "-") {
      if (rest) throw UsageError("--prompts: expected standard input (-) once");
      rest.emplace(name, in, "prompt", comments);
      continue;
    }
    const auto more = read_list(name, in, "prompt", comments);
    first.insert(first.end(), more.begin(), more.end());
  }
  if (first.empty() && !rest) fail_without_prompts();
}

std::vector<std::string> unknown_words(const std::string& prompt,
                                       const std::vector<std::string>& known) {
  std::vector<std::string> unknown;
  for (const auto& word : words_of(prompt)) {
    if (!contains(known, word) && !contains(unknown, word)) unknown.push_back(word);
  }
  return unknown;
}

std::string unknown_words_message(const std::vector<std::string>& prompts, const std::string& model,
                                  const std::vector<std::string>& known) {
  if (known.empty()) return "";
  std::string all;
  for (const auto& prompt : prompts) all += prompt + " ";
  const auto unknown = unknown_words(all, known);
  if (unknown.empty()) return "";
  std::string message = model + " does not know";
  for (const auto& word : unknown) {
    message += (&word == &unknown.front() ? " \"" : ", \"") + word + "\"";
    if (const auto near = nearest_name(word, known); !near.empty()) message += " (" + near + "?)";
  }
  return message + "; `unclip info` lists its " + std::to_string(known.size()) + " words";
}

}  // namespace unclip::cli
