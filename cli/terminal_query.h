#pragma once

#include <string>
#include <string_view>

namespace unclip::cli {

/// How a terminal shows images.
enum class TerminalGraphics { kNone, kHalfBlocks, kSixel, kKitty };

/// What a terminal answered to `kTerminalQuery`: kKitty if it knows the graphics protocol, kSixel
/// if attribute 4 is among its primary device attributes, else kHalfBlocks.
TerminalGraphics graphics_of_answer(std::string_view answer);

/// A query of the graphics protocol, which shows nothing, then one for the device attributes, which
/// every terminal answers: so its answer ends with the letter c.
/// https://sw.kovidgoyal.net/kitty/graphics-protocol/#querying-support-and-available-transmission-mediums
constexpr std::string_view kTerminalQuery = "\033_Gi=31,s=1,v=1,a=q,t=d,f=24;AAAA\033\\\033[c";

/// Asks the terminal at the descriptor, which takes a third of a second if it does not answer.
/// kNone for TERM=dumb and for half blocks if NO_COLOR is set; half blocks without asking if the
/// program is in the background, or something has been typed that the answer would mix with.
TerminalGraphics query_terminal(int descriptor);

}  // namespace unclip::cli
