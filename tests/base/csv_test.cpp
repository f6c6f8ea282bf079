#include "base/csv.h"

#include <gtest/gtest.h>

namespace unclip {
namespace {

using Records = std::vector<std::vector<std::string>>;

TEST(Csv, ReadsBackWhatItWrote) {
  const Records records = {{"a", "", "b, c"}, {"he said \"no\"", "two\nlines", "1.5"}, {""}};
  std::string text;
  for (const auto& record : records) text += csv_record(record);
  EXPECT_EQ(csv_records(text), records);
}

TEST(Csv, LeavesOutARecordThatIsNotWhole) {
  EXPECT_EQ(csv_records("a,b\nc,"), (Records{{"a", "b"}}));
  EXPECT_EQ(csv_records("a,\"b\n"), Records{});
  EXPECT_EQ(csv_records(""), Records{});
  EXPECT_EQ(csv_records("a\r\nb\n"), (Records{{"a"}, {"b"}}));
}

}  // namespace
}  // namespace unclip
