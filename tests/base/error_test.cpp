#include "base/error.h"

#include <gtest/gtest.h>

namespace unclip {
namespace {

TEST(Fail, SaysItsPartsInARow) {
  const std::filesystem::path path = "a folder/config.json";
  try {
    fail(path, ": 'dim': expected ", std::string("a width"), ' ', 0.5, ", got ", int64_t{-3});
    FAIL() << "no Error";
  } catch (const Error& error) {
    // A path stands as it is, without the quotes that its own operator<< puts around it.
    EXPECT_STREQ(error.what(), "a folder/config.json: 'dim': expected a width 0.5, got -3");
  }
}

}  // namespace
}  // namespace unclip
