// Each fuzz target reads the files that it begins from and seeded changes of them.

#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <random>
#include <string>
#include <vector>

#include "tests/fuzz/target.h"
#include "tests/weights/files.h"

namespace unclip {
namespace {

namespace fs = std::filesystem;

using fuzz::accepts;
using fuzz::Target;
using testing::read_text;

constexpr size_t kMostSeedBytes = 20'000;
constexpr int kChangesOfATarget = 1000;

/// The small files of corpus/NAME/ and those of tests/golden/ that the target names.
std::vector<std::string> seeds_of(const Target& target) {
  std::vector<fs::path> files;
  const auto add_folder = [&](const fs::path& folder, const std::string& extension) {
    std::error_code ignored;
    for (const auto& entry : fs::directory_iterator(folder, ignored)) {
      if (extension.empty() || entry.path().extension() == extension) files.push_back(entry.path());
    }
  };
  add_folder("tests/fuzz/corpus/" + target.name, "");
  for (const fs::path golden : target.golden) {
    const auto path = "tests/golden" / golden;
    if (golden.stem() == "*") {
      add_folder(path.parent_path(), golden.extension());
    } else {
      files.push_back(path);
    }
  }
  std::sort(files.begin(), files.end());
  std::vector<std::string> seeds;
  for (const auto& file : files) {
    auto bytes = read_text(file);
    if (bytes.size() <= kMostSeedBytes) seeds.push_back(std::move(bytes));
  }
  return seeds;
}

/// A few bytes changed, taken out, put in, doubled or cut off.
std::string changed(std::string bytes, std::mt19937& random) {
  static constexpr char kCharacters[] = "\0\xff\x7f\x80{}[]\",:;=/-.\n09 e";
  constexpr std::string_view kSigns(kCharacters, sizeof kCharacters - 1);
  for (auto left = 1 + random() % 4; left > 0; --left) {
    if (bytes.empty()) return bytes;
    const auto at = random() % bytes.size();
    switch (random() % 6) {
      case 0:
        bytes[at] = static_cast<char>(random());
        break;
      case 1:
        bytes[at] = kSigns[random() % kSigns.size()];
        break;
      case 2:
        bytes.erase(at, 1 + random() % 8);
        break;
      case 3:
        bytes.insert(at, 1 + random() % 3, kSigns[random() % kSigns.size()]);
        break;
      case 4:
        bytes.insert(at, bytes.substr(random() % bytes.size(), random() % 32));
        break;
      default:
        if (random() % 4 == 0) bytes.resize(at);
    }
  }
  return bytes;
}

class EveryTarget : public ::testing::TestWithParam<Target> {};

TEST_P(EveryTarget, TakesASeedThatItBeginsFrom) {
  int taken = 0;
  for (const auto& seed : seeds_of(GetParam())) taken += accepts(GetParam(), seed) ? 1 : 0;
  EXPECT_GT(taken, 0);
}

TEST_P(EveryTarget, TakesOrRefusesWhateverTheBytes) {
  const auto seeds = seeds_of(GetParam());
  ASSERT_FALSE(seeds.empty());
  EXPECT_NO_THROW(accepts(GetParam(), ""));
  for (unsigned i = 0; i < kChangesOfATarget; ++i) {
    std::mt19937 random(i);
    const auto bytes = changed(seeds[i % seeds.size()], random);
    try {
      accepts(GetParam(), bytes);
    } catch (const std::exception& defect) {
      FAIL() << "change " << i << ", " << bytes.size() << " bytes: " << defect.what();
    }
  }
}

INSTANTIATE_TEST_SUITE_P(, EveryTarget, ::testing::ValuesIn(fuzz::targets()),
                         [](const auto& info) { return info.param.name; });

}  // namespace
}  // namespace unclip
