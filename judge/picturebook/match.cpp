#include "judge/picturebook/match.h"

#include <algorithm>
#include <cmath>
#include <functional>

namespace unclip::judge::picturebook {
namespace {

constexpr float kTransparent = 0.02f;
constexpr double kSameProportions = 1.45;     // between box and template
constexpr size_t kRoughly = 24, kFinely = 5;  // kinds whose placement is refined
constexpr double kDegree = 3.14159265358979 / 180;
constexpr double kUsualRadii[] = {0.127, 0.136, 0.146, 0.204, 0.216};  // of objects that can touch

// Sums over a template's cells, in pixels of the working grid.
struct Sums {
  double dot = 0, predicted = 0,
         seen = 0;  // <D, P>, |P|^2, and |D|^2 where the template is visible
};

double cell_of(double r) { return 2 * kExtent * r / kCells; }

Sums compare(const Difference& difference, const Backdrop& backdrop, int kind, const Placement& at,
             int stride) {
  const Template& made = templates()[static_cast<size_t>(kind)];
  const double cell = cell_of(at.r), step = cell * stride;
  const double cosine = std::cos(at.angle), sine = std::sin(at.angle);
  Sums sums;
  for (int j = stride / 2; j < kCells; j += stride) {
    for (int i = stride / 2; i < kCells; i += stride) {
      const auto& rgba = made.cells[static_cast<size_t>(j * kCells + i)];
      if (rgba[3] < kTransparent) continue;
      const double u = (i + 0.5 - kCells / 2.0) * cell, v = (j + 0.5 - kCells / 2.0) * cell;
      const double x = at.x + u * cosine - v * sine, y = at.y + u * sine + v * cosine;
      if (x < 0 || y < 0 || x >= 1 || y >= 1) continue;
      const Rgb& behind = backdrop.rows[static_cast<size_t>(y * kSide)];
      const Rgb seen = difference.sample(x, y, step);
      for (size_t c = 0; c < 3; ++c) {
        const float predicted = rgba[c] - rgba[3] * behind[c];
        sums.dot += seen[c] * predicted;
        sums.predicted += predicted * predicted;
        sums.seen += seen[c] * seen[c];
      }
    }
  }
  const double area = step * step * kPixels;
  return {sums.dot * area, sums.predicted * area, sums.seen * area};
}

class Search {
 public:
  Search(const Difference& difference, const Backdrop& backdrop, bool whole)
      : difference_(difference), backdrop_(backdrop), whole_(whole) {}

  // Keeps the best placement of each kind.
  void add(int kind, const Placement& at) {
    const Match match = rated(kind, at, 2);
    if (candidates_.empty() || candidates_.back().kind != kind) {
      candidates_.push_back(match);
    } else if (rank(match) > rank(candidates_.back())) {
      candidates_.back() = match;
    }
  }

  Match best() {
    const auto better = [this](const Match& a, const Match& b) { return rank(a) > rank(b); };
    // First refine by every other cell of the templates, then the best ones by all cells.
    for (const auto& [most, stride] : {std::pair(kRoughly, 2), std::pair(kFinely, 1)}) {
      std::sort(candidates_.begin(), candidates_.end(), better);
      if (candidates_.size() > most) candidates_.resize(most);
      for (Match& candidate : candidates_) refine(candidate, stride);
    }
    std::sort(candidates_.begin(), candidates_.end(), better);
    if (candidates_.empty()) return {};
    Match best = candidates_.front();
    if (candidates_.size() > 1) {
      best.runner_up = best.score * rank(candidates_[1]) / (rank(best) + 1e-9);
    }
    return best;
  }

 private:
  double rank(const Match& match) const {
    return whole_ ? match.score : match.score * std::sqrt(std::max(0., match.share));
  }

  Match rated(int kind, const Placement& at, int stride) const {
    const Sums sums = compare(difference_, backdrop_, kind, at, stride);
    const double seen = whole_ ? difference_.energy() : sums.seen;
    return {.kind = kind,
            .at = at,
            .score = 2 * sums.dot / (seen + sums.predicted + 1e-9),
            .share = (2 * sums.dot - sums.predicted) / (difference_.energy() + 1e-9)};
  }

  // Optimizes place, radius and angle.
  void refine(Match& match, int stride) const {
    match = rated(match.kind, match.at, stride);
    for (double step = 1; step > 0.2; step /= 2) {
      for (bool improved = true; improved;) {
        improved = false;
        for (const auto& [coordinate, length] : {std::pair(&Placement::x, 0.06 * match.at.r),
                                                 std::pair(&Placement::y, 0.06 * match.at.r),
                                                 std::pair(&Placement::r, 0.04 * match.at.r),
                                                 std::pair(&Placement::angle, 3 * kDegree)}) {
          for (const double sign : {-1., 1.}) {
            Placement next = match.at;
            next.*coordinate += sign * step * length;
            if (std::abs(next.angle) > 9 * kDegree) continue;
            const Match moved = rated(match.kind, next, stride);
            if (rank(moved) <= rank(match)) continue;
            match = moved;
            improved = true;
          }
        }
      }
    }
  }

  const Difference& difference_;
  const Backdrop& backdrop_;
  bool whole_;
  std::vector<Match> candidates_;
};

}  // namespace

Match match_whole(const Difference& difference, const Backdrop& backdrop, const Box& box) {
  Search search(difference, backdrop, true);
  for (int kind = 0; kind < kKinds; ++kind) {
    const Template& made = templates()[static_cast<size_t>(kind)];
    const double by_width = (box.right - box.left) / (made.right - made.left);
    const double by_height = (box.bottom - box.top) / (made.bottom - made.top);
    if (std::max(by_width, by_height) > kSameProportions * std::min(by_width, by_height)) continue;
    for (const double scale : {0.92, 1., 1.08}) {
      const double r = scale * (by_width + by_height) / 2;
      search.add(kind, {(box.left + box.right - r * (made.left + made.right)) / 2,
                        (box.top + box.bottom - r * (made.top + made.bottom)) / 2, r});
    }
  }
  return search.best();
}

Match match_part(const Difference& difference, const Backdrop& backdrop, const Box& box) {
  Search search(difference, backdrop, false);
  for (int kind = 0; kind < kKinds; ++kind) {
    const Template& made = templates()[static_cast<size_t>(kind)];
    for (const double r : kUsualRadii) {
      if (r * (made.right - made.left) > 1.15 * (box.right - box.left)) continue;
      if (r * (made.bottom - made.top) > 1.15 * (box.bottom - box.top)) continue;
      for (const double x : {box.left - r * made.left, box.right - r * made.right}) {
        for (const double y : {box.top - r * made.top, box.bottom - r * made.bottom}) {
          search.add(kind, {x, y, r});
        }
      }
    }
  }
  return search.best();
}

Mask covered(const Match& match) {
  constexpr int kMargin = 1;  // cells
  const Template& made = templates()[static_cast<size_t>(match.kind)];
  const double cell = cell_of(match.at.r);
  const double cosine = std::cos(match.at.angle), sine = std::sin(match.at.angle);
  Mask mask(kPixels, 0);
  for (int p = 0; p < kPixels; ++p) {
    const double dx = (p % kSide + 0.5) / kSide - match.at.x,
                 dy = (p / kSide + 0.5) / kSide - match.at.y;
    const int i = static_cast<int>(std::floor((dx * cosine + dy * sine) / cell + kCells / 2.0));
    const int j = static_cast<int>(std::floor((dy * cosine - dx * sine) / cell + kCells / 2.0));
    for (int v = std::max(0, j - kMargin); v <= std::min(kCells - 1, j + kMargin); ++v) {
      for (int u = std::max(0, i - kMargin); u <= std::min(kCells - 1, i + kMargin); ++u) {
        mask[p] |= made.cells[static_cast<size_t>(v * kCells + u)][3] > kTransparent;
      }
    }
  }
  return mask;
}

}  // namespace unclip::judge::picturebook
