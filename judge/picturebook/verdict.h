#pragma once

#include "judge/picturebook/request.h"
#include "judge/picturebook/sighting.h"

namespace unclip::judge::picturebook {

/// Whether an image shows what was asked for, by those of GenEval's questions that apply to this
/// world (Ghosh et al. 2023, https://arxiv.org/abs/2310.11513). `sizes` and `position` are about
/// the pairing of found and requested objects that fits best.
struct Verdict {
  bool count = false;     ///< as many objects as were asked for
  bool kinds = false;     ///< their kinds
  bool sizes = false;     ///< each object small or big, if the caption says so
  bool position = false;  ///< the first is placed as asked relative to the second
  bool background = false;

  bool right() const { return count && kinds && sizes && position && background; }
};

Verdict compare(const Sighting& sighting, const Request& request);

}  // namespace unclip::judge::picturebook
