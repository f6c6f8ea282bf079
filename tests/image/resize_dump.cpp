// resize_dump: reads requests, each a line of JSON
//   {"picture": [C, H, W], "size": [height, width], "lanczos": false, "box": null, "gap": 0}
// and the picture's bytes, and writes the bytes of each result, planes of rows. For
// tests/parity/resize_parity.py.
#include <ATen/ATen.h>

#include <exception>
#include <iostream>
#include <nlohmann/json.hpp>
#include <string>

#include "image/resize_8bit.h"

int main() try {
  for (std::string line; std::getline(std::cin, line);) {
    const auto request = nlohmann::json::parse(line);
    auto picture = at::empty(request.at("picture").get<std::vector<int64_t>>(), at::kByte);
    std::cin.read(static_cast<char*>(picture.data_ptr()),
                  static_cast<std::streamsize>(picture.nbytes()));
    unclip::Resize8bit options;
    if (request.at("lanczos").get<bool>()) options.filter = unclip::ResizeFilter::kLanczos;
    options.reducing_gap = request.at("gap").get<double>();
    if (const auto& box = request.at("box"); !box.is_null()) {
      options.box = unclip::Box{box[0], box[1], box[2], box[3]};
    }
    const auto& size = request.at("size");
    const auto y = unclip::resize_8bit(picture, size[0], size[1], options).contiguous();
    std::cout.write(static_cast<const char*>(y.const_data_ptr()),
                    static_cast<std::streamsize>(y.nbytes()));
  }
  return 0;
} catch (const std::exception& e) {
  std::cerr << e.what() << "\n";
  return 1;
}
