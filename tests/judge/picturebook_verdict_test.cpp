#include "judge/picturebook/verdict.h"

#include <gtest/gtest.h>

#include <string_view>

namespace unclip::judge::picturebook {
namespace {

int kind_of(std::string_view caption) { return parse_request(caption).objects.front().kind; }

Seen book_seen(std::string_view caption, double x, double y, Size size = Size::kBig) {
  return {.kind = kind_of(caption), .size = size, .x = x, .y = y, .r = 0.2};
}

// A big cat on the left, a small dog on the right.
Sighting book_pair() {
  return {Background::kGrass,
          {book_seen("a cat", .25, .6), book_seen("a dog", .75, .62, Size::kSmall)}};
}

std::string failed(const Sighting& sighting, std::string_view caption) {
  const Verdict v = compare(sighting, parse_request(caption));
  std::string text;
  for (const auto& [ok, word] :
       {std::pair(v.count, "count "), std::pair(v.kinds, "kinds "), std::pair(v.sizes, "sizes "),
        std::pair(v.position, "position "), std::pair(v.background, "background ")}) {
    if (!ok) text += word;
  }
  EXPECT_EQ(text.empty(), v.right());
  return text;
}

TEST(PicturebookVerdict, SaysWhichQuestionFailed) {
  const std::pair<const char*, const char*> cases[] = {
      {"a cat left of a dog on grass", ""},
      {"a dog right of a cat on grass", ""},
      {"a small dog next to a big cat on grass", ""},
      {"a cat and a dog on grass", ""},
      {"a cat on grass", "count "},
      {"three cats on grass", "count kinds sizes position "},
      {"two cats on grass", "kinds "},
      {"a cat left of a cow on grass", "kinds "},
      {"a small cat and a dog on grass", "sizes "},
      {"a cat right of a dog on grass", "position "},
      {"a cat above a dog on grass", "position "},
      {"a cat left of a dog", "background "},
      {"a cat left of a dog in the snow", "background "}};
  for (const auto& [caption, wrong] : cases)
    EXPECT_EQ(failed(book_pair(), caption), wrong) << caption;
}

TEST(PicturebookVerdict, CountsObjectsOfAKind) {
  Sighting three{Background::kWhite, {}};
  for (const double x : {.2, .5, .8}) three.objects.push_back(book_seen("an owl", x, .5));
  EXPECT_EQ(failed(three, "three owls"), "");
  EXPECT_EQ(failed(three, "two owls"), "count ");
  EXPECT_EQ(failed(three, "three bees"), "kinds ");
  three.objects[1].kind = kUnknownKind;
  EXPECT_EQ(failed(three, "three owls"), "kinds ");
}

TEST(PicturebookVerdict, WantsTwoObjectsClearlyApart) {
  Sighting near = book_pair();
  near.objects[1].x = near.objects[0].x + .1;
  EXPECT_EQ(failed(near, "a cat left of a dog on grass"), "position ");
}

TEST(PicturebookVerdict, AcceptsNothingUnknown) {
  Sighting sighting = book_pair();
  sighting.objects[0].size = Size::kUnknown;
  EXPECT_EQ(failed(sighting, "a big cat left of a dog on grass"), "sizes ");
  sighting.background = Background::kUnknown;
  EXPECT_EQ(failed(sighting, "a cat left of a dog on grass"), "background ");
  EXPECT_EQ(failed({Background::kWhite, {}}, "a cat"), "count kinds sizes position ");
}

}  // namespace
}  // namespace unclip::judge::picturebook
