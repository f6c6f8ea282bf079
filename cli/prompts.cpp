#include "cli/prompts.h"

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <istream>

#include "cli/arguments.h"
#include "core/error.h"
#include "core/utf8.h"

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

bool contains(const std::vector<std::string>& words, const std::string& word) {
  return std::find(words.begin(), words.end(), word) != words.end();
}

}  // namespace

Flags prompt_flags() {
  return {{"count", 'n', "N", "1", "pictures of each prompt", "Picture"},
          {"prompts", 0, "FILE", "", "read prompts from FILE too, one a line; - is standard input",
           "Picture"}};
}

void expect_utf8(const std::string& where, const std::string& text) {
  if (!is_utf8(text)) fail(where, ": is not valid UTF-8, which a prompt has to be");
}

std::vector<std::string> read_list(const std::string& name, std::istream& in, const char* what) {
  std::ifstream file;
  if (name != "-") {
    file.open(name, std::ios::binary);
    std::error_code ignored;
    if (!file || std::filesystem::is_directory(name, ignored)) fail(name, ": cannot be read");
  }
  auto& lines = name == "-" ? in : file;
  const std::string shown = name == "-" ? "standard input" : name;
  std::vector<std::string> list;
  std::string line;
  for (int64_t number = 1; std::getline(lines, line); ++number) {
    if (number == 1 && line.starts_with("\xEF\xBB\xBF")) line.erase(0, 3);  // byte order mark
    if (line.ends_with('\r')) line.pop_back();
    if (line.find_first_not_of(" \t") == line.npos) continue;
    list.push_back(line);
    if (!is_utf8(line)) {
      fail(shown, ", line ", number, ": is not valid UTF-8, which a ", what, " has to be");
    }
  }
  if (lines.bad()) fail(shown, ": cannot be read");
  if (list.empty()) fail(shown, ": has no ", what, " in it");
  return list;
}

std::vector<std::string> read_prompts(const Arguments& arguments, std::istream& in) {
  auto prompts = arguments.words();
  for (size_t i = 0; i < prompts.size(); ++i) {
    expect_utf8("prompt " + std::to_string(i + 1) + " of the command line", prompts[i]);
  }
  for (const auto& name : arguments.texts("prompts")) {
    const auto more = read_list(name, in, "prompt");
    prompts.insert(prompts.end(), more.begin(), more.end());
  }
  if (prompts.empty()) throw UsageError("there is no prompt; PROMPT or --prompts FILE is wanted");
  return prompts;
}

std::vector<std::string> unknown_words(const std::string& prompt,
                                       const std::vector<std::string>& known) {
  std::vector<std::string> unknown;
  for (const auto& word : words_of(prompt)) {
    if (!contains(known, word) && !contains(unknown, word)) unknown.push_back(word);
  }
  return unknown;
}

}  // namespace unclip::cli
