#include "base/error.h"

#include <gtest/gtest.h>

namespace unclip {
namespace {

TEST(Fail, SaysItsPartsInARow) {
  const std::filesystem::path path = "a folder/config.json";
  try {
    fail(path, ": 'dim' is ", int64_t{-3}, "; ", std::string("a width"), ' ', 0.5, " is wanted");
    FAIL() << "no Error";
  } catch (const Error& error) {
    // A path stands as it is, without the quotes that its own operator<< puts around it.
    EXPECT_STREQ(error.what(), "a folder/config.json: 'dim' is -3; a width 0.5 is wanted");
  }
}

}  // namespace
}  // namespace unclip
