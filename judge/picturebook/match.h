#pragma once

#include <vector>

#include "judge/picturebook/difference.h"
#include "judge/picturebook/templates.h"

namespace unclip::judge::picturebook {

/// The placement of a template: the object's centre and radius in the unit square, and its
/// clockwise rotation `angle` in radians.
struct Placement {
  double x = 0, y = 0, r = 0, angle = 0;
};

/// A template that explains a part of the image.
struct Match {
  int kind = kUnknownKind;
  Placement at;
  /// 2 <D, P> / (|D|^2 + |P|^2), where D is the difference between the image and its backdrop, and
  /// P that between the template and the backdrop: 1 if both are the same, 0 if they have nothing
  /// in common.
  double score = 0;
  /// The part of the image's energy |D|^2 that the template explains.
  double share = 0;
  /// The score of the best other kind, at its own best place.
  double runner_up = 0;
};

/// The box of the part to explain, in the unit square.
struct Box {
  double left, right, top, bottom;
};

/// The best match of one template with all of `difference`.
Match match_whole(const Difference& difference, const Backdrop& backdrop, const Box& box);
/// The best match of one template with a part of `difference`, in a corner of the box; for objects
/// that touch.
Match match_part(const Difference& difference, const Backdrop& backdrop, const Box& box);

/// The pixels of the working grid that the match covers, with a small margin.
Mask covered(const Match& match);

}  // namespace unclip::judge::picturebook
