#include "cli/preview.h"

#include <ATen/ATen.h>
#include <gtest/gtest.h>
#include <pty.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstdlib>
#include <map>
#include <optional>
#include <sstream>

#include "cli/terminal_graphics.h"
#include "image/read_picture.h"
#include "tests/cli/run.h"
#include "tests/support/environment.h"

namespace unclip::cli {
namespace {

using testing::Environment;
using testing::ModelFolder;
using testing::Words;

TEST(GraphicsOfAnswer, IsTheBestThatTheTerminalKnows) {
  const std::pair<const char*, TerminalGraphics> answers[] = {
      {"\033_Gi=31;OK\033\\\033[?62;c", TerminalGraphics::kKitty},
      {"\033_Gi=31;ENOTSUPPORTED\033\\\033[?62;c", TerminalGraphics::kHalfBlocks},
      {"\033[?62;4;22c", TerminalGraphics::kSixel},
      {"\033[?62;22;4c", TerminalGraphics::kSixel},
      {"\033[?4;22c", TerminalGraphics::kHalfBlocks},  // the first is the terminal's class
      {"\033[?62;14;42c", TerminalGraphics::kHalfBlocks},
      {"\033[?62;4", TerminalGraphics::kHalfBlocks},
      {"", TerminalGraphics::kHalfBlocks},
      {"typed\033[", TerminalGraphics::kHalfBlocks}};
  for (const auto& [answer, expected] : answers) {
    EXPECT_EQ(graphics_of_answer(answer), expected) << answer;
  }
}

at::Tensor two_by_two() {
  auto image = at::zeros({3, 2, 2}, at::kByte);
  image[0][0][0] = 255;  // red, black; black, blue
  image[2][1][1] = 255;
  return image;
}

TEST(HalfBlockImage, ShowsAPixelAboveAnother) {
  EXPECT_EQ(half_block_image(two_by_two()),
            "\033[38;2;255;0;0m\033[48;2;0;0;0m\u2580"
            "\033[38;2;0;0;0m\033[48;2;0;0;255m\u2580\033[0m\n");
  const auto odd = half_block_image(at::zeros({3, 3, 1}, at::kByte));
  EXPECT_EQ(std::count(odd.begin(), odd.end(), '\n'), 2);
}

/// What a terminal draws of sixels, as far as `sixel_image` uses them: (3, H, W) uint8
at::Tensor drawn(const std::string& text) {
  std::istringstream in(text);
  EXPECT_EQ(text.substr(0, 8), "\033P0;1q\"1");
  char c = 0;
  int64_t width = 0, height = 0, number = 0;
  in.ignore(11);
  in >> width >> c >> height;
  auto image = at::zeros({3, height, width}, at::kByte);
  std::map<int64_t, std::array<int64_t, 3>> colours;
  std::array<int64_t, 3> colour{};
  int64_t x = 0, y = 0, repeat = 1;
  while (in.get(c) && c != '\033') {
    if (c == '#') {
      in >> number;
      if (in.peek() == ';') {
        int64_t kind = 0;
        auto& [r, g, b] = colours[number];
        in >> c >> kind >> c >> r >> c >> g >> c >> b;
      } else {
        colour = colours.at(number);
      }
    } else if (c == '!') {
      in >> repeat;
    } else if (c == '$' || c == '-') {
      x = 0;
      y += c == '-' ? 6 : 0;
    } else {
      for (; repeat > 0; --repeat, ++x) {
        for (int k = 0; k < 6; ++k) {
          if (((c - '?') >> k & 1) == 0) continue;
          for (int64_t channel = 0; channel < 3; ++channel) {
            image[channel][y + k][x] = colour[static_cast<size_t>(channel)] * 255 / 100;
          }
        }
      }
      repeat = 1;
    }
  }
  return image;
}

TEST(SixelImage, DrawsTheImage) {
  for (const int64_t height : {2, 6, 7, 13}) {
    const auto image =
        two_by_two().repeat({1, (height + 1) / 2, 9}).narrow(1, 0, height).contiguous();
    EXPECT_TRUE(at::equal(drawn(sixel_image(image)), image)) << height;
  }
}

TEST(KittyImage, IsAPngInPiecesOfBase64) {
  at::manual_seed(1);
  const auto image = at::randint(0, 256, {3, 64, 64}).to(at::kByte);
  const auto text = kitty_image(image);
  EXPECT_TRUE(text.starts_with("\033_Ga=T,f=100,q=2,m=1;iVBORw0KGgo"));
  EXPECT_TRUE(text.ends_with("\033\\\n"));
  EXPECT_NE(text.find("\033_Gm=0;"), text.npos);
  for (size_t at = 0; (at = text.find(';', at)) != text.npos; ++at) {
    EXPECT_LE(text.find('\033', at) - at - 1, 4096u);
  }
  EXPECT_EQ(kitty_image(two_by_two()).find("m=1"), std::string::npos);
}

TEST(PreviewText, FitsTheTerminal) {
  const auto image = at::zeros({3, 64, 128}, at::kByte);
  for (const int columns : {2, 20, 80, 500}) {
    const auto text = preview_text(image, TerminalGraphics::kHalfBlocks, columns);
    const auto line = text.substr(0, text.find('\n'));
    int64_t cells = 0;
    for (size_t at = 0; (at = line.find("\u2580", at)) != line.npos; ++at) ++cells;
    EXPECT_LT(cells, columns);
    EXPECT_LE(cells, 48);
    EXPECT_GT(cells, 0);
  }
  EXPECT_EQ(preview_text(image, TerminalGraphics::kHalfBlocks, 1), "");
  EXPECT_EQ(preview_text(image, TerminalGraphics::kNone, 80), "");
}

std::string painted(const Words& more, int err_columns, bool out_is_terminal = false) {
  const ModelFolder folder;
  std::istringstream in;
  std::ostringstream out, err;
  run(folder.generate("x.png", more), {in, out, err, err_columns, false, out_is_terminal});
  return out.str() + err.str();
}

TEST(Preview, IsOnlyInATerminal) {
  Environment environment({"TERM", "NO_COLOR"});
  environment.set("TERM", "xterm");
  const auto shown = [](const std::string& text) { return text.find("\u2580") != text.npos; };
  EXPECT_TRUE(shown(painted({"fox"}, 80)));
  EXPECT_TRUE(shown(painted({"fox"}, 0, true)));
  EXPECT_FALSE(shown(painted({"fox"}, 0)));
  EXPECT_FALSE(shown(painted({"fox", "--no-preview"}, 80)));
  EXPECT_FALSE(shown(painted({"fox", "-q"}, 80)));
  environment.set("NO_COLOR", "1");
  EXPECT_FALSE(shown(painted({"fox"}, 80)));
}

TEST(Preview, IsNotInADumbTerminal) {
  for (const auto* name : {"dumb", ""}) {
    Environment environment({"TERM"});
    environment.set("TERM", name);
    EXPECT_EQ(painted({"fox"}, 80).find("\033[38;2"), std::string::npos);
  }
}

TEST(QueryTerminal, DoesNotWaitForATerminalOfAnotherProgram) {
  Environment environment({"TERM", "NO_COLOR"});
  environment.set("TERM", "xterm");
  int master = -1, terminal = -1;
  ASSERT_EQ(openpty(&master, &terminal, nullptr, nullptr, nullptr), 0);
  EXPECT_EQ(query_terminal(terminal), TerminalGraphics::kHalfBlocks);
  ::close(terminal);
  ::close(master);
}

}  // namespace
}  // namespace unclip::cli
