#pragma once

#include "judge/judge.h"
#include "judge/request.h"

namespace unclip::judge {

/// Whether an image shows what was asked for, by those of GenEval's questions that apply to the toy
/// world (Ghosh et al. 2023, https://arxiv.org/abs/2310.11513). `count`, `shapes` and `colours`
/// are about all objects together; `attribution`, `sizes` and `position` are about the pairing of
/// found and requested objects that fits best.
struct Verdict {
  bool count = false;        ///< as many objects as were asked for
  bool shapes = false;       ///< their shapes
  bool colours = false;      ///< their colours
  bool attribution = false;  ///< each shape in its own colour
  bool sizes = false;        ///< each object is small or big, if the caption says so
  bool position = false;     ///< the first is placed as asked relative to the second
  bool background = false;

  bool right() const {
    return count && shapes && colours && attribution && sizes && position && background;
  }
};

Verdict compare(const Sighting& sighting, const Request& request);

}  // namespace unclip::judge
