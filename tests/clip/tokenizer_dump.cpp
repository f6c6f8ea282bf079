// tokenizer_dump [--xlm-roberta] DIR [MAX_LENGTH]: reads one JSON string a line, writes its tokens
// as one JSON list a line; with MAX_LENGTH {"ids": ..., "mask": ..., "cut": ...}. For
// tests/parity/tokenizer_parity.py and xlmr_parity.py.
#include <exception>
#include <iostream>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "clip/tokenizer.h"
#include "clip/xlm_roberta_tokenizer.h"

namespace {

template <class Tokenizer>
void dump(const Tokenizer& tokenizer, const std::vector<std::string>& arguments) {
  for (std::string line; std::getline(std::cin, line);) {
    const auto text = nlohmann::json::parse(line).get<std::string>();
    nlohmann::json out;
    if (arguments.size() == 2) {
      const auto tokens = tokenizer.encode(text, std::stoll(arguments[1]));
      out = {{"ids", tokens.ids}, {"mask", tokens.mask}, {"cut", tokens.cut}};
    } else {
      out = tokenizer.ids_of(text);
    }
    std::cout << out.dump() << "\n";
  }
}

}  // namespace

int main(int argc, char** argv) try {
  std::vector<std::string> arguments(argv + 1, argv + argc);
  const bool is_xlm_roberta = !arguments.empty() && arguments.front() == "--xlm-roberta";
  if (is_xlm_roberta) arguments.erase(arguments.begin());
  if (arguments.empty() || arguments.size() > 2) {
    std::cerr << "usage: tokenizer_dump [--xlm-roberta] DIR [MAX_LENGTH] < TEXTS\n";
    return 2;
  }
  if (is_xlm_roberta) {
    dump(unclip::XlmRobertaTokenizer::load(arguments.front()), arguments);
  } else {
    dump(unclip::Tokenizer::load(arguments.front()), arguments);
  }
  return 0;
} catch (const std::exception& e) {
  std::cerr << e.what() << "\n";
  return 1;
}
