#pragma once

#include <functional>

#include "scheduler/guidance.h"

namespace unclip {

/// The forms of a model that guidance evaluates; only those are bound. See GuidedModel.
inline GuidedModel bind_guided(const Guidance& guidance, const std::function<Denoiser()>& both,
                               const std::function<Denoiser()>& conditional) {
  GuidedModel model;
  if (guidance.needs_unconditional()) model.both = both();
  if (!guidance.needs_unconditional() || !guidance.is_everywhere()) {
    model.conditional = conditional();
  }
  return model;
}

}  // namespace unclip
