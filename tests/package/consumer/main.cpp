// consumer MODEL: what a program outside of this tree does with the installed library.

#include <iostream>

#include "clip/tokenizer.h"
#include "core/error.h"
#include "pipeline/text_to_image.h"

int main(int, char** argv) {
  const std::filesystem::path model = argv[1];
  const auto tokenizer = unclip::Tokenizer::load(model / "tokenizer");
  std::cout << "tokens: " << tokenizer.ids_of("a red ball left of a green cone").size() << "\n";
  try {
    unclip::TextToImage::load(model / "nowhere");
  } catch (const unclip::Error& error) {
    std::cout << error.what() << "\n";
    return 0;
  }
  return 1;
}
