#pragma once

#include "judge/picturebook/request.h"
#include "judge/picturebook/sighting.h"

namespace unclip::judge::picturebook {

/// Whether an image shows what was asked for, by GenEval's questions as far as this world has them
/// (Ghosh et al. 2023, https://arxiv.org/abs/2310.11513). `sizes` and `position` are of the pairing
/// of seen and wanted objects that fits best.
struct Verdict {
  bool count = false;     ///< as many objects as were asked for
  bool kinds = false;     ///< their kinds
  bool sizes = false;     ///< each object small or big, if the caption says so
  bool position = false;  ///< the first stands as asked, seen from the second
  bool background = false;

  bool right() const { return count && kinds && sizes && position && background; }
};

Verdict compare(const Sighting& sighting, const Request& request);

}  // namespace unclip::judge::picturebook
