// tokenizer_dump DIR [MAX_LENGTH]: reads one JSON string a line, writes its tokens as one JSON list
// a line; with MAX_LENGTH {"ids": ..., "mask": ..., "cut": ...}. For
// tests/parity/tokenizer_parity.py.
#include <exception>
#include <iostream>
#include <nlohmann/json.hpp>
#include <string>

#include "clip/tokenizer.h"

int main(int argc, char** argv) try {
  if (argc < 2 || argc > 3) {
    std::cerr << "usage: tokenizer_dump DIR [MAX_LENGTH] < TEXTS\n";
    return 2;
  }
  const auto tokenizer = unclip::Tokenizer::load(argv[1]);
  for (std::string line; std::getline(std::cin, line);) {
    const auto text = nlohmann::json::parse(line).get<std::string>();
    nlohmann::json out;
    if (argc == 3) {
      const auto tokens = tokenizer.encode(text, std::stoll(argv[2]));
      out = {{"ids", tokens.ids}, {"mask", tokens.mask}, {"cut", tokens.cut}};
    } else {
      out = tokenizer.ids_of(text);
    }
    std::cout << out.dump() << "\n";
  }
  return 0;
} catch (const std::exception& e) {
  std::cerr << e.what() << "\n";
  return 1;
}
