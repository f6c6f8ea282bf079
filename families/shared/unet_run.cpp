#include "families/shared/unet_run.h"

#include "kernels/tensor.h"
#include "unet/walk_times.h"

namespace unclip {

Denoiser bind_unet(const UNetNetwork& network, const Scheduler& scheduler,
                   const UNetContext& context, int64_t channels) {
  const auto prepared = network.unet->prepare(context);
  const auto evaluate = [unet = network.unet, channels](const std::vector<at::Tensor>& x_t_and_time,
                                                        const UNetContext& condition) {
    const auto& x_t = x_t_and_time[0];
    const auto type = condition.tokens.scalar_type();
    const auto y = unet->step(x_t.to(type), x_t_and_time[1], condition);
    return (channels < y.size(1) ? y.narrow(1, 0, channels).contiguous() : y).to(at::kFloat);
  };
  const auto times =
      std::make_shared<WalkTimes>(network.unet, scheduler.timesteps(), prepared.tokens.size(0),
                                  prepared, prepared.tokens.device());
  return [replay = network.replay, evaluate, prepared, times](const at::Tensor& x_t, const At& at) {
    return replayed(*replay, {x_t, times->at(at.i)}, prepared, evaluate);
  };
}

}  // namespace unclip
