#include "judge/picturebook/request.h"

#include <gtest/gtest.h>

#include <string>

#include "base/error.h"
#include "world/picturebook/caption.h"
#include "world/picturebook/claims.h"

namespace unclip::judge::picturebook {
namespace {

namespace book = world::picturebook;

std::string book_said(const Request& request) {
  std::string text;
  for (const Wanted& wanted : request.objects) {
    if (!text.empty()) text += std::string(judge::name(request.relation)) + " ";
    if (wanted.count > 1) text += std::to_string(wanted.count) + " ";
    if (wanted.size) text += std::string(judge::name(*wanted.size)) + " ";
    text += name(wanted.kind) + " ";
  }
  return text + "on " + std::string(name(request.background));
}

std::string book_parsed(std::string_view caption) { return book_said(parse_request(caption)); }

std::string book_error_of(std::string_view caption) {
  try {
    return "no error, but " + book_parsed(caption);
  } catch (const Error& error) {
    return error.what();
  }
}

TEST(PicturebookRequest, IsReadFromCaptions) {
  const std::pair<const char*, const char*> readings[] = {
      {"a cat left of a red apple at night", "cat left of apple on night"},
      {"three bananas on grass", "3 banana on grass"},
      {"a sad face above a blue car", "sad face above blue car on white"},
      {"Two small dogs, please!", "2 small dog on white"},
      {"There is a LITTLE kitten sitting to the left of a large sun on a starry night.",
       "small cat left of big sun on stars"},
      {"a red ball under a blue cube under the sky", "red ball below blue cube on sky"},
      {"a red doughnut and a doughnut", "red ring and doughnut on white"},
      {"at sunset, a slice of pizza near a cup of coffee", "pizza next to coffee on sunset"},
      {"a pair of fish under the night sky", "2 fish on night"},
      {"on the beach a dog is beside a snowman", "dog next to snowman on beach"},
      {"a house on the right hand side of a tree", "house right of tree on white"}};
  for (const auto& [caption, meaning] : readings)
    EXPECT_EQ(book_parsed(caption), meaning) << caption;
}

// The judge's kinds and backgrounds are in the order of the world's, with an unknown background
// first.
TEST(PicturebookRequest, IsWhatTheWorldMeantByAnyOfItsCaptions) {
  world::Random random(7);
  for (int i = 0; i < 5000; ++i) {
    const auto subject = static_cast<book::Subject>(world::below(random, 4));
    const auto claim =
        i % 5 ? book::random_claim(random) : book::random_held_out_claim(random, subject);
    const auto text = book::caption(claim, random);
    const auto meant = book::parse_caption(text);
    ASSERT_TRUE(meant) << text;
    const Request request = parse_request(text);
    ASSERT_EQ(request.objects.size(), meant->objects.size()) << text;
    for (size_t k = 0; k < request.objects.size(); ++k) {
      ASSERT_EQ(request.objects[k].kind, meant->objects[k].kind.index()) << text;
      ASSERT_EQ(request.objects[k].count, meant->objects[k].count) << text;
      ASSERT_EQ(request.objects[k].size.has_value(), meant->objects[k].size.has_value()) << text;
    }
    ASSERT_EQ(static_cast<int>(request.background), static_cast<int>(book::background(*meant)) + 1)
        << text;
    ASSERT_EQ(book_said(request), book_parsed(book::plain_caption(*meant))) << text;
  }
}

TEST(PicturebookRequest, FaultsNameTheWordAndTheNearestKnownOne) {
  struct Fault {
    const char *caption, *word, *near;
  };
  for (const auto& [caption, word, near] :
       {Fault{"a baer", "'baer'", "'bear'"}, Fault{"a cat on gras", "'gras'", "'grass'"},
        Fault{"a cat abov a dog", "'abov'", "'above'"}, Fault{"a b\xc3\xa2ll", "'b\xc3\xa2ll'", ""},
        Fault{"three cat", "'cat'", ""}, Fault{"a cats", "'cats'", ""},
        Fault{"a small at night cat", "'night'", ""}, Fault{"a cat left of", "'left of'", ""},
        Fault{"a cat and a dog and a cow", "'and'", ""}, Fault{"a cat a dog a cow", "'cow'", ""},
        Fault{"a cat on grass in the snow", "snow", "grass"}}) {
    const std::string message = book_error_of(caption);
    EXPECT_NE(message.find("expected"), std::string::npos) << message;
    EXPECT_NE(message.find(word), std::string::npos) << caption << ": " << message;
    EXPECT_NE(message.find(near), std::string::npos) << caption << ": " << message;
  }
}

TEST(PicturebookRequest, RefusesWhatIsNoRequest) {
  for (const char* caption :
       {"", "a", "snow", "one fish with two legs", "a small", "two", "left of a cat", "at night",
        "two cats and a dog", "a big small cat", "a cat left of right of a dog"}) {
    EXPECT_THROW(parse_request(caption), Error) << caption;
  }
}

// No bytes make it fail otherwise than by an Error.
TEST(PicturebookRequest, OfRandomWordsIsARequestOrAnError) {
  world::Random random(9);
  const auto words = book::known_words();
  int requests = 0;
  for (int i = 0; i < 5000; ++i) {
    std::string text;
    for (int k = world::below(random, 9); k >= 0; --k) {
      text +=
          words[static_cast<size_t>(world::below(random, static_cast<int>(words.size())))] + " ";
      if (world::chance(random, 0.05)) text += static_cast<char>(world::below(random, 256));
    }
    try {
      const Request request = parse_request(text);
      ++requests;
      ASSERT_FALSE(request.objects.empty()) << text;
      ASSERT_LE(request.objects.size(), 2u) << text;
    } catch (const Error&) {
    }
  }
  EXPECT_GT(requests, 25);
}

}  // namespace
}  // namespace unclip::judge::picturebook
