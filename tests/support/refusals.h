#pragma once

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "base/config.h"

namespace unclip::testing {

/// A key of a config, and a value for it that is not implemented or not possible.
struct Unfit {
  std::string key;
  nlohmann::json value;
};

/// Expects that T::from accepts the config in `path`, and that with each of the unfit values it
/// throws Error that names the file and the key.
template <class T>
void expect_refused(const std::string& path, const std::vector<Unfit>& unfit) {
  const auto good = Config::read(path);
  EXPECT_NO_THROW(T::from(good));
  for (const auto& [key, value] : unfit) {
    auto json = good.json();
    json[key] = value;
    std::string message;
    try {
      T::from(Config::parse(json.dump(), path));
    } catch (const Error& error) {
      message = error.what();
    }
    EXPECT_NE(message.find(key), std::string::npos) << key << ": " << message;
    EXPECT_TRUE(message.starts_with(path)) << key << ": " << message;
  }
}

}  // namespace unclip::testing
