#pragma once

#include <functional>
#include <string>

#include "hub/http_client.h"

namespace unclip::hub {

/// How often and how soon a request that failed is made again.
struct RetryOptions {
  int attempts = 6;           // that may fail one after another, the last one included
  double first_wait = 1;      // seconds; each further wait is twice as long
  double longest_wait = 300;  // seconds; if the server asks for more, the failure is final
};

/// Waits between the attempts of one request.
class Patience {
 public:
  /// `note` receives a line for people about each longer wait; it may be empty. `stopped` ends a
  /// wait.
  Patience(RetryOptions options, std::function<bool()> stopped,
           std::function<void(const std::string&)> note);

  /// Returns when the request is to be made again. Throws the failure if that is pointless or was
  /// done often enough, and Stopped. A server that could not be reached is tried again only if
  /// there was a response before.
  void wait(const HttpFailure& failure);
  /// The request made progress: the attempts are counted anew.
  void reset() { failures_ = 0; }
  /// There was a response: a connection is possible.
  void note_response() { reached_ = true; }

 private:
  void sleep(double seconds) const;

  RetryOptions options_;
  std::function<bool()> stopped_;
  std::function<void(const std::string&)> note_;
  int failures_ = 0;
  bool reached_ = false;
};

}  // namespace unclip::hub
