#include "image/contact_sheet.h"

#include <ATen/ATen.h>
#include <gtest/gtest.h>

#include <algorithm>

#include "image/png.h"

namespace unclip {
namespace {

/// A picture of colours that nothing else on a sheet has, of its own for each `number`.
at::Tensor picture(int64_t number, int64_t height, int64_t width) {
  auto image = at::empty({3, height, width}, at::kByte);
  image[0].fill_(200);
  image[1].fill_(number);
  image[2].copy_(at::arange(height * width).reshape({height, width}).remainder(100));
  return image;
}

struct Box {
  int64_t top, left, height, width;
  bool operator==(const Box&) const = default;
};

/// Where a picture's pixels are.
Box place(const at::Tensor& sheet, int64_t number) {
  const auto points = ((sheet[0] == 200) & (sheet[1] == number)).nonzero();  // (S, 2)
  if (points.size(0) == 0) return {-1, -1, 0, 0};
  const auto first = std::get<0>(points.min(0)), last = std::get<0>(points.max(0));
  const auto at = [](const at::Tensor& t, int i) { return t[i].item<int64_t>(); };
  return {at(first, 0), at(first, 1), at(last, 0) - at(first, 0) + 1,
          at(last, 1) - at(first, 1) + 1};
}

at::Tensor part(const at::Tensor& sheet, const Box& box) {
  return sheet.narrow(1, box.top, box.height).narrow(2, box.left, box.width);
}

int64_t ink(const at::Tensor& part) { return (part != 255).sum().item<int64_t>(); }

std::vector<SheetPicture> pictures(int64_t count, int64_t height, int64_t width,
                                   const std::string& text = "", const std::string& note = "") {
  std::vector<SheetPicture> result;
  for (int64_t i = 0; i < count; ++i) result.push_back({picture(i, height, width), text, note});
  return result;
}

TEST(ContactSheet, HoldsEveryPictureUnchanged) {
  const auto sheet = contact_sheet(pictures(5, 40, 64, "a red ball", "seed 7"), {.columns = 3});
  EXPECT_EQ(sheet.scalar_type(), at::kByte);
  for (int64_t i = 0; i < 5; ++i) {
    const auto box = place(sheet, i);
    EXPECT_EQ(box.height, 40) << i;
    EXPECT_EQ(box.width, 64) << i;
    EXPECT_TRUE(at::equal(part(sheet, box), picture(i, 40, 64))) << i;
  }
  EXPECT_EQ(place(sheet, 0).top, place(sheet, 2).top);
  EXPECT_LT(place(sheet, 0).top, place(sheet, 3).top);
  EXPECT_EQ(place(sheet, 0).left, place(sheet, 3).left);
  EXPECT_EQ(place(sheet, 1).left - place(sheet, 0).left,
            place(sheet, 2).left - place(sheet, 1).left);
}

TEST(ContactSheet, TakesFloatsAsAPngDoes) {
  const auto image = at::rand({3, 16, 16});
  const auto sheet = contact_sheet({{image}});
  EXPECT_GT(sheet.size(1), 16);
  const auto margin = (sheet.size(1) - 16) / 2;
  EXPECT_TRUE(at::equal(part(sheet, {margin, margin, 16, 16}), to_uint8(image)));
}

TEST(ContactSheet, IsAboutSquareUnlessToldOtherwise) {
  const auto columns = [](int64_t count, int64_t given) {
    const auto sheet = contact_sheet(pictures(count, 8, 8), {.columns = given});
    int64_t in_first_row = 0;
    while (in_first_row < count && place(sheet, in_first_row).top == place(sheet, 0).top) {
      ++in_first_row;
    }
    return in_first_row;
  };
  EXPECT_EQ(columns(1, 0), 1);
  EXPECT_EQ(columns(9, 0), 3);
  EXPECT_EQ(columns(10, 0), 4);
  EXPECT_EQ(columns(10, 5), 5);
  EXPECT_EQ(columns(2, 5), 2);
}

TEST(ContactSheet, LeavesAMarginOfWhite) {
  const auto sheet = contact_sheet(pictures(2, 64, 64, "text", "note"),
                                   {.column_labels = {"x", "y"}, .row_labels = {"z"}});
  for (const auto& edge :
       {sheet.slice(1, 0, 8), sheet.slice(2, 0, 8), sheet.slice(1, -8), sheet.slice(2, -8)}) {
    EXPECT_EQ(ink(edge), 0);
  }
}

TEST(ContactSheet, CentresWhatIsSmallerThanItsCell) {
  auto mixed = pictures(1, 64, 64);
  mixed.push_back({picture(1, 32, 48)});
  const auto sheet = contact_sheet(mixed, {.columns = 2});
  const auto large = place(sheet, 0), small = place(sheet, 1);
  EXPECT_EQ(small.top - large.top, 16);
  EXPECT_EQ(sheet.size(2) - (small.left + small.width) - large.left, 8);  // margins are alike
}

TEST(ContactSheet, WritesLabelsBelowThePictures) {
  const auto bare = contact_sheet(pictures(1, 64, 64));
  const auto box = place(bare, 0);
  const auto below = [&](const at::Tensor& sheet) { return sheet.slice(1, box.top + box.height); };
  EXPECT_EQ(ink(below(bare)), 0);
  const auto text = contact_sheet(pictures(1, 64, 64, "a ball"));
  const auto both = contact_sheet(pictures(1, 64, 64, "a ball", "seed 7"));
  const auto three = contact_sheet(pictures(1, 64, 64, "a red ball left of a cone", "seed 7"));
  EXPECT_GT(ink(below(text)), 0);
  EXPECT_GT(ink(below(both)), ink(below(text)));
  EXPECT_GT(both.size(1), text.size(1));
  EXPECT_EQ(three.size(1) - both.size(1), both.size(1) - text.size(1));  // a line each
  for (const auto& sheet : {text, both, three}) {
    EXPECT_EQ(place(sheet, 0), box);
    EXPECT_EQ(ink(below(sheet).slice(2, box.left + box.width)), 0);  // no wider than the picture
  }
}

TEST(ContactSheet, LabelsItsAxes) {
  const auto bare = contact_sheet(pictures(4, 64, 64), {.columns = 2});
  const auto sheet = contact_sheet(pictures(4, 64, 64),
                                   {.column_labels = {"10", "25"}, .row_labels = {"ddim", "ddpm"}});
  const auto first = place(sheet, 0), last = place(sheet, 3);
  EXPECT_GT(first.top, place(bare, 0).top);
  EXPECT_GT(first.left, place(bare, 0).left);
  EXPECT_EQ(last.top - first.top, place(bare, 3).top - place(bare, 0).top);
  EXPECT_GT(ink(part(sheet, {0, first.left, first.top, 64})), 0);
  EXPECT_GT(ink(part(sheet, {0, last.left, first.top, 64})), 0);
  EXPECT_GT(ink(part(sheet, {first.top, 0, 64, first.left})), 0);
  EXPECT_GT(ink(part(sheet, {last.top, 0, 64, first.left})), 0);
}

TEST(ContactSheet, TellsItsSizeBefore) {
  const std::string text = "a red ball left of a green cone and a blue cube";
  for (const int64_t side : {16, 64, 128, 256}) {
    const auto sheet = contact_sheet(pictures(7, side, side, text, "seed 7"), {.columns = 4});
    const auto size = contact_sheet_size(7, side, side, {.columns = 4});
    EXPECT_EQ(size.height, sheet.size(1)) << side;
    EXPECT_EQ(size.width, sheet.size(2)) << side;
  }
  EXPECT_GE(contact_sheet_size(7, 64, 64).height, contact_sheet(pictures(7, 64, 64)).size(1));
}

}  // namespace
}  // namespace unclip
