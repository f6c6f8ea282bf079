#pragma once

#include "pipeline/options.h"

namespace unclip::testing {

/// The numbers of steps of Karlo's three stages.
inline std::map<std::string, StageOptions> karlo_steps(int64_t prior, int64_t decoder,
                                                       int64_t super_res) {
  return {{"prior", {.steps = prior}},
          {"decoder", {.steps = decoder}},
          {"super-res", {.steps = super_res}}};
}

}  // namespace unclip::testing
