#include "cli/foreign_names.h"

#include <algorithm>

namespace unclip::cli {
namespace {

struct ForeignOption {
  std::string_view theirs, ours;  // ours: a flag's name
};

// Options of diffusers, AUTOMATIC1111's web UI, stable-diffusion.cpp and InvokeAI.
constexpr ForeignOption kOptions[] = {
    {"batch-count", "count"},
    {"batch", "batch-size"},
    {"cfg", "guidance"},
    {"cfg-scale", "guidance"},
    {"cfg_scale", "guidance"},
    {"checkpoint", "model"},
    {"ckpt", "model"},
    {"guidance-scale", "guidance"},
    {"guidance_scale", "guidance"},
    {"images", "count"},
    {"lowvram", "low-memory"},
    {"medvram", "low-memory"},
    {"n-iter", "count"},
    {"neg", "negative-prompt"},
    {"negative", "negative-prompt"},
    {"negative_prompt", "negative-prompt"},
    {"num-images", "count"},
    {"num_images_per_prompt", "count"},
    {"num-inference-steps", "steps"},
    {"num_inference_steps", "steps"},
    {"out", "output"},
    {"outdir", "output"},
    {"precision", "dtype"},
    {"prompt-file", "prompts"},
    {"sampler", "decoder-scheduler"},
    {"sampler-name", "decoder-scheduler"},
    {"sampling-method", "decoder-scheduler"},
    {"scheduler", "decoder-scheduler"},
    {"type", "dtype"},
};

constexpr std::string_view kSizes[] = {"size", "resolution"};

constexpr std::string_view kVerbs[] = {
    "add",      "build",  "chat",   "check",   "clean",    "clone",     "complete", "completion",
    "config",   "create", "delete", "doctor",  "download", "draw",      "embed",    "export",
    "fetch",    "get",    "hf",     "image",   "img2img",  "import",    "init",     "inpaint",
    "install",  "login",  "list",   "load",    "ls",       "make",      "merge",    "new",
    "outpaint", "paint",  "ps",     "push",    "quantize", "remove",    "render",   "rm",
    "run",      "sample", "server", "serve",   "show",     "start",     "status",   "stop",
    "test",     "train",  "tui",    "txt2img", "ui",       "uninstall", "update",   "upgrade",
    "upscale",  "usage",  "web",    "webui",
};

}  // namespace

std::string foreign_option(const Flags& flags, std::string_view name) {
  if (std::find(std::begin(kSizes), std::end(kSizes), name) != std::end(kSizes)) {
    return "here it is --width and --height; `unclip info` shows which sizes the model makes";
  }
  for (const auto& [theirs, ours] : kOptions) {
    if (name == theirs && find_flag(flags, ours) != nullptr) {
      return "here it is --" + std::string(ours);
    }
  }
  return "";
}

bool is_foreign_verb(std::string_view word) {
  return std::find(std::begin(kVerbs), std::end(kVerbs), word) != std::end(kVerbs);
}

}  // namespace unclip::cli
