#include <ATen/ExpandUtils.h>
#include <ATen/record_function.h>
#include <gtest/gtest.h>
#include <torch/library.h>

#include <set>

#include "engine/engine.h"
#include "families/karlo/decoder.h"
#include "families/karlo/super_resolution.h"
#include "families/shared/prior_run.h"
#include "nn/noise_source.h"
#include "tests/support/close.h"
#include "tests/support/fake_accelerator.h"
#include "tests/support/golden.h"
#include "tests/support/karlo_options.h"
#include "tests/support/tiny_models.h"

// What a walk asks of a device, on a machine that has none: the "meta" device has tensors without
// numbers, and a fake accelerator does on the processor what a real one does elsewhere.

namespace unclip {
namespace {

using testing::close;
using testing::FakeAccelerator;
using testing::Golden;
using testing::TemporaryFolder;
using testing::TinyModel;

struct Tiny {
  Tiny() { const TinyModel write(golden, folder.path()); }
  Golden golden{"pipeline_plain"};
  TemporaryFolder folder;
};

// --- On memory of the recordings' own ---

struct HeldModel {
  const char* name;
  int64_t batch_size;
  bool low_memory;
  double sigma_max;  // of guidance: with an end, the walk has steps of 2 B rows and of B
  int64_t recordings;
};
void PrintTo(const HeldModel& held, std::ostream* out) { *out << held.name; }

class RecordedWalk : public ::testing::TestWithParam<HeldModel> {};

TEST_P(RecordedWalk, PaintsWhatItPaintsWithoutRecordings) {
  const Tiny tiny;
  const auto [name, batch_size, low_memory, sigma_max, recordings] = GetParam();
  GenerateOptions options{
      .count = 2, .seed = 7, .batch_size = batch_size, .stages = testing::karlo_steps(4, 6, 4)};
  options.stages["decoder"].guidance.others.sigma_max = sigma_max;
  const std::vector<std::string> prompts = {"a red ball", "two green cones and a cube"};

  const auto expected = Engine::load(tiny.folder.path()).generate(prompts, options);
  FakeAccelerator fake(at::kCPU);
  const auto images =
      Engine::load(tiny.folder.path(), {.low_memory = low_memory}).generate(prompts, options);
  ASSERT_EQ(images.size(), 4U);
  for (size_t i = 0; i < images.size(); ++i) {
    EXPECT_TRUE(close(images[i].image, expected[i].image, /*rtol=*/0)) << i;
  }
  EXPECT_EQ(fake.recordings, recordings);
  EXPECT_GT(fake.plays, 0);
  EXPECT_GT(fake.paces, 0);
}
// Prior, decoder and the first network of super-resolution are recorded; the last one too, where it
// lives long enough to be asked twice. Another picture's text may be longer, by whole sixteens.
INSTANTIATE_TEST_SUITE_P(, RecordedWalk,
                         ::testing::Values(HeldModel{"kept", 1, false, 1e9, 4},
                                           HeldModel{"batches", 2, false, 1e9, 4},
                                           HeldModel{"freed", 1, true, 1e9, 12},
                                           HeldModel{"guided_in_part", 1, false, 1.0, 5}),
                         [](const auto& info) { return info.param.name; });

// --- Without waiting for the device ---

// libtorch's C++ part has no shapes of these on the "meta" device.
at::Tensor group_norm_shape(const at::Tensor& x, int64_t, const at::Tensor&, const at::Tensor&,
                            double, const std::optional<at::Tensor>&, bool) {
  return at::empty_like(x);
}
std::tuple<at::Tensor, at::Tensor, at::Tensor> layer_norm_shape(const at::Tensor& x,
                                                                at::IntArrayRef,
                                                                const std::optional<at::Tensor>&,
                                                                const std::optional<at::Tensor>&,
                                                                double) {
  const auto rows = at::empty_like(x.select(-1, 0));
  return {at::empty_like(x), rows, rows};
}
at::Tensor where_shape(const at::Tensor& condition, const at::Tensor& x, const at::Tensor& y) {
  return at::empty(at::infer_size(at::infer_size(condition.sizes(), x.sizes()), y.sizes()),
                   x.options());
}
at::Tensor conv3x3_shape(const at::Tensor& x, const at::Tensor& weight,
                         const std::optional<at::Tensor>&, const std::optional<at::Tensor>&) {
  return at::empty({x.size(0), weight.size(0), x.size(2), x.size(3)}, x.options());
}
at::Tensor attention_shape(const at::Tensor& q, const at::Tensor&, const at::Tensor&,
                           const std::optional<at::Tensor>&) {
  return at::empty_like(q);
}
TORCH_LIBRARY_IMPL(unclip, Meta, m) {
  m.impl("group_norm", group_norm_shape);
  m.impl("attention", attention_shape);
  m.impl("conv3x3", conv3x3_shape);
}
TORCH_LIBRARY_IMPL(aten, Meta, m) {
  m.impl("native_layer_norm", layer_norm_shape);
  m.impl("where.self", where_shape);
}

/// The operators that a device would have to be waited for in: they read its numbers, or copy
/// between it and the processor without the accelerator.
class Waits {
 public:
  explicit Waits(const FakeAccelerator& fake) {
    fake_of_thread = &fake;
    found.clear();
    operators = 0;
    handle_ = at::addThreadLocalCallback(at::RecordFunctionCallback(begin, end)
                                             .needsInputs(true)
                                             .needsOutputs(true)
                                             .scopes({at::RecordScope::FUNCTION}));
  }
  ~Waits() { at::removeCallback(handle_); }
  Waits(const Waits&) = delete;
  Waits& operator=(const Waits&) = delete;

  static thread_local std::set<std::string> found;
  static thread_local int64_t operators;

 private:
  struct Devices : at::ObserverContext {
    bool processor = false, meta = false;
  };
  static std::unique_ptr<at::ObserverContext> begin(const at::RecordFunction& function) {
    ++operators;
    static const std::set<std::string_view> kReading = {"aten::_local_scalar_dense", "aten::item",
                                                        "aten::nonzero"};
    auto devices = std::make_unique<Devices>();
    for (const auto& input : function.inputs()) add(input, *devices);
    if (devices->meta && kReading.contains(function.name())) found.insert(function.name());
    return devices;
  }
  static void end(const at::RecordFunction& function, at::ObserverContext* context) {
    auto& devices = *static_cast<Devices*>(context);
    for (const auto& output : function.outputs()) add(output, devices);
    if (devices.processor && devices.meta && !fake_of_thread->uploading) {
      found.insert(function.name());
    }
  }
  static void add(const c10::IValue& value, Devices& devices) {
    if (!value.isTensor() || !value.toTensor().defined()) return;
    const auto& tensor = value.toTensor();
    // A number that stands in a formula is handed over with the operator.
    if (tensor.unsafeGetTensorImpl()->is_wrapped_number()) return;
    (tensor.is_meta() ? devices.meta : devices.processor) = true;
  }

  static thread_local const FakeAccelerator* fake_of_thread;
  at::CallbackHandle handle_;
};
thread_local std::set<std::string> Waits::found;
thread_local int64_t Waits::operators = 0;
thread_local const FakeAccelerator* Waits::fake_of_thread = nullptr;

std::string listed(const std::set<std::string>& names) {
  std::string text;
  for (const auto& name : names) text += name + " ";
  return text;
}

class EverySampler : public ::testing::TestWithParam<std::string> {};

/// A network of the golden's, its weights on the "meta" device. set_data refuses that one.
template <class Network, class NetworkConfig>
std::shared_ptr<Network> on_meta(const nlohmann::json& configs, const std::string& part) {
  auto network =
      std::make_shared<Network>(NetworkConfig::from(Config::parse(configs.at(part).dump(), part)));
  for (const auto& [name, tensor] : network->parameters()) {
    const auto there = tensor.to(at::kMeta);
    tensor.unsafeGetTensorImpl()->shallow_copy_from(there.getIntrusivePtr());
  }
  return network;
}

TEST_P(EverySampler, WalksWithoutWaitingForTheDevice) {
  const Golden golden("pipeline_plain");
  const auto configs = nlohmann::json::parse(golden.metadata("configs"));
  const PriorNetworks prior{.prior = on_meta<PriorTransformer, PriorConfig>(configs, "prior")};
  const karlo::DecoderNetworks decoder{
      .unet = on_meta<UNet, UNetConfig>(configs, "decoder"),
      .text_proj =
          on_meta<karlo::TextProjection, karlo::TextProjectionConfig>(configs, "text_proj")};
  const karlo::SuperResolutionNetwork first{
      .unet = on_meta<UNet, UNetConfig>(configs, "super_res_first")},
      last{.unet = on_meta<UNet, UNetConfig>(configs, "super_res_last")};
  const auto side = [&](const char* part) { return configs[part]["sample_size"].get<int64_t>(); };
  const karlo::SuperResolutionNetworks super_resolution{.first = [&] { return first; },
                                                        .last = [&] { return last; },
                                                        .side = side("super_res_first")};
  const auto stage = [&](const char* part, double guidance) {
    return StageRun{.scheduler = Config::parse(configs[part].dump(), part),
                    .walk = {.sampler = GetParam(), .steps = 8},
                    .guidance = {.scale = guidance}};
  };

  const auto config = PriorConfig::from(Config::parse(configs["prior"].dump(), "prior"));
  const TextCondition text{
      .text_embedding = at::empty({2, config.embedding_dim}, at::kMeta),
      .text_hidden = at::empty({2, config.num_embeddings, config.embedding_dim}, at::kMeta),
      .mask = at::ones({2, config.num_embeddings})};
  const auto x_T = at::empty({1, 3, side("decoder"), side("decoder")}, at::kMeta);
  NoiseSource noise({5});

  const at::NoGradGuard no_grad;
  FakeAccelerator fake(at::kMeta);
  const Waits waits(fake);
  const auto z = sample_prior(prior, text, noise, stage("prior_scheduler", 4));
  const auto small =
      karlo::sample_decoder(decoder, text, z, x_T, noise, stage("decoder_scheduler", 4));
  const auto image = karlo::sample_super_resolution(super_resolution, small, noise,
                                                    stage("super_res_scheduler", 1));
  EXPECT_TRUE(Waits::found.empty()) << listed(Waits::found);

  EXPECT_TRUE(image.is_meta());
  EXPECT_EQ(image.sizes(),
            (std::vector<int64_t>{1, 3, side("super_res_first"), side("super_res_first")}));
  EXPECT_GT(Waits::operators, 1000);
  EXPECT_GE(fake.recordings, 3);
}
INSTANTIATE_TEST_SUITE_P(, EverySampler, ::testing::ValuesIn(scheduler_names()),
                         [](const auto& info) { return info.param; });

TEST(Waits, AreNoticed) {
  FakeAccelerator fake(at::kMeta);
  const Waits waits(fake);
  const auto x = at::ones({3}, at::kMeta);
  static_cast<void>(x * 2 + 1);
  static_cast<void>(to_device(at::ones({3}), at::kMeta));
  EXPECT_TRUE(Waits::found.empty()) << listed(Waits::found);
  static_cast<void>(at::ones({3}).to(at::kMeta));
  EXPECT_TRUE(Waits::found.contains("aten::to")) << listed(Waits::found);
  Waits::found.clear();
  EXPECT_ANY_THROW(static_cast<void>(x.sum().item<float>()));
  EXPECT_TRUE(Waits::found.contains("aten::item")) << listed(Waits::found);
}

}  // namespace
}  // namespace unclip
