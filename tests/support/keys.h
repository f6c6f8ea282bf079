#pragma once

#include <gtest/gtest.h>

#include <fstream>
#include <set>
#include <sstream>
#include <string>

#include "nn/module.h"

namespace unclip::testing {

/// Whether a module's tensors are exactly those listed in tests/golden/FAMILY/PART.keys.txt: the
/// same names with the same shapes. A failure prints every difference.
inline ::testing::AssertionResult has_keys_of(const Module& module, const std::string& part,
                                              const std::string& family = "karlo") {
  std::set<std::string> wanted, found;
  std::ifstream file("tests/golden/" + family + "/" + part + ".keys.txt");
  for (std::string line; std::getline(file, line);) wanted.insert(line);
  if (wanted.empty()) return ::testing::AssertionFailure() << "no list of " << part << "'s keys";

  const auto insert = [&](const std::string& key, at::IntArrayRef sizes) {
    std::ostringstream line;
    line << key << ' ' << sizes;
    found.insert(line.str());
  };
  for (const auto& [name, tensor] : module.parameters()) insert(name, tensor.sizes());

  std::string differences;
  for (const auto& line : wanted) {
    if (!found.contains(line)) differences += "\n  missing  " + line;
  }
  for (const auto& line : found) {
    if (!wanted.contains(line)) differences += "\n  unused   " + line;
  }
  if (differences.empty()) return ::testing::AssertionSuccess();
  return ::testing::AssertionFailure()
         << part << " differs from that of " << family << ":" << differences;
}

}  // namespace unclip::testing
