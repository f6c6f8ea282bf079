#include "hub/url.h"

#include <gtest/gtest.h>

namespace unclip::hub {
namespace {

TEST(Origin, IsSchemeHostAndPort) {
  EXPECT_EQ(origin_of("https://Host.example/a?b#c"), "https://host.example:443");
  EXPECT_EQ(origin_of("http://host"), "http://host:80");
  EXPECT_EQ(origin_of("HTTPS://host:443/"), origin_of("https://host"));
  EXPECT_NE(origin_of("http://host"), origin_of("https://host"));
  EXPECT_NE(origin_of("https://host"), origin_of("https://host.evil"));
  EXPECT_EQ(origin_of("https://host@evil/"), "https://evil:443");
  for (const auto* none : {"", "host", "/path", "file:///etc", "ftp://host", "https://", "a b"}) {
    EXPECT_EQ(origin_of(none), "") << none;
    EXPECT_FALSE(is_http_url(none)) << none;
  }
}

TEST(ShownUrl, HasNoSecrets) {
  EXPECT_EQ(shown_url("https://me:secret@host:8/a%20b?signature=secret#secret"),
            "https://host:8/a%20b");
  EXPECT_EQ(shown_url("not a URL\n"), "not a URL\\n");
}

TEST(EscapedComponent, IsOneComponentOfAPath) {
  EXPECT_EQ(escaped_component("refs/pr/4"), "refs%2Fpr%2F4");
  EXPECT_EQ(escaped_component("a-b_c.d~1"), "a-b_c.d~1");
  EXPECT_EQ(escaped_component("\xc3\xb6 ?#%"), "%C3%B6%20%3F%23%25");
}

}  // namespace
}  // namespace unclip::hub
