#include "hub/pull.h"

#include <chrono>
#include <nlohmann/json.hpp>
#include <ostream>

#include "base/error.h"
#include "base/json_text.h"
#include "cli/download_bar.h"
#include "cli/interrupt.h"
#include "cli/progress_bar.h"
#include "cli/text_table.h"
#include "cli/verbs.h"
#include "cli/version.h"
#include "families/registry.h"
#include "pipeline/progress.h"
#include "weights/safetensors_header.h"

namespace unclip::cli {
namespace {

HubName hub_name_of(const Arguments& arguments) {
  const auto& words = arguments.words();
  if (words.size() != 1) throw UsageError("pull: expected one model, OWNER/NAME or OWNER/NAME@REV");
  const auto name = HubName::parse(words.front());
  if (!name) {
    throw UsageError("pull: expected OWNER/NAME or OWNER/NAME@REV of a model on the hub, got '" +
                     shown(words.front()) + "'");
  }
  return *name;
}

hub::PullOptions pull_options(const Arguments& arguments) {
  hub::PullOptions options;
  for (const auto* family : families()) options.layouts.push_back(&family->layout);
  options.fp16 = arguments.given("variant") && arguments.choice<bool>("variant", {{"fp16", true}});
  options.cache = HubCache::of_environment().folder();
  options.settings = hub::Settings::of_environment();
  options.user_agent = std::string("unclip/") + kVersion;
  options.stopped = interrupted;
  return options;
}

void report_pull(const HubName& name, const hub::PullResult& result, double seconds,
                 const Arguments& arguments, const Streams& streams) {
  if (arguments.on("json")) {
    const nlohmann::ordered_json json = {
        {"name", name.repository}, {"revision", name.revision}, {"path", result.folder.string()},
        {"files", result.files},   {"bytes", result.bytes},     {"received", result.received}};
    streams.out << json_text(json) << "\n";
    return;
  }
  streams.out << result.folder.string() << "\n";
  if (arguments.on("quiet")) return;
  streams.err << name.repository << ": " << result.files << " files, "
              << with_unit(static_cast<double>(result.bytes), "B");
  if (result.received == 0) {
    streams.err << ", all of which were there";
  } else {
    streams.err << "; received " << with_unit(static_cast<double>(result.received), "B") << " in "
                << time_text(seconds);
  }
  streams.err << std::endl;
}

void pull(const Arguments& arguments, const Streams& streams) {
  const auto name = hub_name_of(arguments);
  auto options = pull_options(arguments);
  DownloadBar bar(name.repository, streams);
  if (!arguments.on("quiet")) {
    options.on_progress = [&](const hub::PullProgress& progress) { bar.show(progress); };
    options.on_note = [&](const std::string& text) {
      bar.clear();
      streams.err << "unclip: " << text << std::endl;
    };
  }
  catch_interrupts();
  const auto start = std::chrono::steady_clock::now();
  try {
    const auto result = hub::pull(name, options);
    bar.clear();
    const std::chrono::duration<double> taken = std::chrono::steady_clock::now() - start;
    report_pull(name, result, taken.count(), arguments, streams);
  } catch (const hub::Stopped&) {
    throw Cancelled();  // what was downloaded stays, and the same command continues
  }
}

}  // namespace

Verb pull_verb() {
  return {"pull",
          "OWNER/NAME[@REV]",
          "Download a model from the Hugging Face hub.",
          with_common_flags(
              {{"variant", 0, "NAME", "",
                "fp16: download weights in half precision, if the model has them; parts without "
                "them come in full",
                "Model"}},
              {"model", "dtype", "output", "overwrite", "seed", "device", "threads"}),
          "  unclip pull kakaobrain/karlo-v1-alpha\n"
          "  unclip pull kakaobrain/karlo-v1-alpha@refs/pr/4\n"
          "  HF_TOKEN=... unclip pull owner/private-model --variant fp16\n",
          pull};
}

}  // namespace unclip::cli
