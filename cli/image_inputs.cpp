#include "cli/image_inputs.h"

#include <algorithm>
#include <istream>
#include <iterator>

#include "base/error.h"
#include "base/file_bytes.h"
#include "base/utf8.h"
#include "image/image_format.h"
#include "image/read_picture.h"

namespace unclip::cli {
namespace {

const std::string kStandardInput = "standard input";

/// The bytes that are not UTF-8 as U+FFFD, so that a message can be printed.
std::string printable(const std::string& name) {
  std::string out;
  for (const char c : name) {
    out += static_cast<unsigned char>(c) < 0x80 ? std::string(1, c) : std::string("\xEF\xBF\xBD");
  }
  return out;
}

}  // namespace

std::string read_standard_input(std::istream& in) {
  std::string bytes((std::istreambuf_iterator<char>(in)), std::istreambuf_iterator<char>());
  if (in.bad()) fail(kStandardInput, ": cannot be read");
  return bytes;
}

Flags image_input_flags() {
  return {{"files", 0, "LIST", "",
           "read names of images from LIST too, one a line; - is standard input. The word - in "
           "place of a FILE is standard input: an image, if it begins with the bytes of one, else "
           "such a list",
           "Input"},
          {"null", '0', "", "",
           "a zero byte ends each name in a list, as `find -print0` writes them", "Input"}};
}

ImageInputs::ImageInputs(const Arguments& arguments, std::istream& in)
    : null_(arguments.on("null")),
      skip_(arguments.knows("skip-unreadable") && arguments.on("skip-unreadable")) {
  const auto lists = arguments.texts("files");
  const auto& words = arguments.words();
  const auto stdin_words = std::count(words.begin(), words.end(), "-");
  if (stdin_words + std::count(lists.begin(), lists.end(), "-") > 1) {
    throw UsageError("-: standard input can be read once, and is named more often");
  }
  if (null_ && lists.empty() && stdin_words == 0) {
    throw UsageError("--null: expected a list of names: --files LIST or -");
  }
  for (const auto& word : words) {
    if (word == "-") {
      add_standard_input(read_standard_input(in));
    } else {
      add_name(word);
    }
  }
  for (const auto& list : lists) {
    const bool is_stdin = list == "-";
    add_list(is_stdin ? read_standard_input(in) : file_bytes(list),
             is_stdin ? kStandardInput : list);
  }
}

void ImageInputs::add_standard_input(std::string bytes) {
  if (null_ || describe_image(bytes).empty()) return add_list(bytes, kStandardInput);
  standard_input_ = std::move(bytes);
  names_.emplace_back("-");
}

void ImageInputs::add_list(std::string_view list, const std::string& list_name) {
  const auto before = names_.size() + left_out_.size();
  if (!null_ && list.starts_with("\xEF\xBB\xBF")) list.remove_prefix(3);  // byte order mark
  while (!list.empty()) {
    const auto end = std::min(list.size(), list.find(null_ ? '\0' : '\n'));
    auto name = list.substr(0, end);
    list.remove_prefix(std::min(list.size(), end + 1));
    if (!null_ && name.ends_with('\r')) name.remove_suffix(1);
    const bool blank = name.find_first_not_of(" \t") == name.npos;
    if (null_ ? !name.empty() : !blank) add_name(std::string(name));
  }
  if (names_.size() + left_out_.size() == before) {
    fail(list_name, ": expected names of images, found none");
  }
}

void ImageInputs::add_name(std::string name) {
  if (is_utf8(name)) return names_.push_back(std::move(name));
  const auto why = printable(name) + ": the file's name is not valid UTF-8";
  if (!skip_) fail(why);
  left_out_.push_back(why);
}

at::Tensor ImageInputs::read(const std::string& name) const {
  return name == "-" ? decode_picture(standard_input_, kStandardInput) : read_picture(name);
}

}  // namespace unclip::cli
