#pragma once

#include <string>

namespace unclip::hub {

/// How the Hugging Face hub is reached, read from the variables that the hub's own client reads.
struct Settings {
  std::string endpoint = "https://huggingface.co";  // without a / at its end
  std::string token;                                // of the user; empty: none
  bool offline = false;                             // whether no request may be made

  /// $HF_ENDPOINT; $HF_TOKEN, $HUGGING_FACE_HUB_TOKEN, or the file that `hf auth login` writes
  /// ($HF_TOKEN_PATH, else token in $HF_HOME); $HF_HUB_OFFLINE. Throws Error if the endpoint is not
  /// a URL of http or https, or if a token has characters that no token has.
  static Settings of_environment();
};

}  // namespace unclip::hub
