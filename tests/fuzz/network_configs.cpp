#include <algorithm>
#include <iterator>

#include "base/config.h"
#include "clip/clip_config.h"
#include "families/karlo/text_projection.h"
#include "pipeline/preprocess.h"
#include "prior/prior_config.h"
#include "scheduler/scheduler_config.h"
#include "tests/fuzz/target.h"
#include "unet/unet_config.h"
#include "vae/vae_config.h"

namespace unclip {
namespace {

template <class Read>
bool reads(const Config& config) {
  try {
    Read::from(config);
    return true;
  } catch (const Error&) {
    return false;
  }
}

}  // namespace

UNCLIP_FUZZ_TARGET(network_configs, "karlo/*.json", "kandinsky22/*.json") {
  const auto config = Config::parse(bytes, "x");
  // A file is one of these: it may be refused by the others.
  const bool known[] = {
      reads<ClipTextConfig>(config),       reads<ClipVisionConfig>(config),
      reads<PriorConfig>(config),          reads<karlo::TextProjectionConfig>(config),
      reads<UNetConfig>(config),           reads<SchedulerConfig>(config),
      reads<ImageProcessorConfig>(config), reads<VaeConfig>(config)};
  if (std::find(std::begin(known), std::end(known), true) == std::end(known)) fail("x: no config");
}

}  // namespace unclip
