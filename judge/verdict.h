#pragma once

#include "judge/judge.h"
#include "judge/request.h"

namespace unclip::judge {

/// Whether a picture shows what was asked for, by GenEval's questions as far as the toy world has
/// them (Ghosh et al. 2023, https://arxiv.org/abs/2310.11513). `count`, `shapes` and `colours` look
/// at all objects together; `attribution`, `sizes` and `position` at the pairing of seen and wanted
/// objects that fits best.
struct Verdict {
  bool count = false;        ///< as many objects as were asked for
  bool shapes = false;       ///< their shapes
  bool colours = false;      ///< their colours
  bool attribution = false;  ///< each shape in its own colour
  bool sizes = false;        ///< each object small or big, where the caption says so
  bool position = false;     ///< the first stands as asked, seen from the second
  bool background = false;

  bool right() const {
    return count && shapes && colours && attribution && sizes && position && background;
  }
};

Verdict compare(const Sighting& sighting, const Request& request);

}  // namespace unclip::judge
