#pragma once

#include <gtest/gtest.h>

#include <initializer_list>
#include <string>

namespace unclip::testing {

/// Whether the message is one line that contains all of `parts` in this order: file, key, what was
/// expected, what was found. Any words may be between them, so that the wording can improve.
inline ::testing::AssertionResult mentions(const std::string& message,
                                           std::initializer_list<std::string> parts) {
  if (message.find('\n') != message.npos) {
    return ::testing::AssertionFailure() << "'" << message << "' has several lines";
  }
  size_t at = 0;
  for (const auto& part : parts) {
    const auto found = message.find(part, at);
    if (found == message.npos) {
      return ::testing::AssertionFailure()
             << "'" << message << "' does not mention '" << part << "', or not in its place";
    }
    at = found + part.size();
  }
  return ::testing::AssertionSuccess() << "'" << message << "'";
}

}  // namespace unclip::testing
