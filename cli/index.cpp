#include <nlohmann/json.hpp>
#include <ostream>

#include "cli/embedding_files.h"
#include "cli/find_model.h"
#include "cli/interrupt.h"
#include "cli/output_name.h"
#include "cli/progress_bar.h"
#include "cli/sampling.h"
#include "cli/verbs.h"
#include "cli/version.h"
#include "core/error.h"
#include "pipeline/embedding_pipeline.h"
#include "search/update_index.h"

namespace unclip::cli {
namespace {

namespace fs = std::filesystem;

fs::path the_folder(const std::vector<std::string>& words) {
  if (words.empty()) throw UsageError("there is no folder; DIR is wanted");
  if (words.size() > 1) throw UsageError("'" + words[1] + "' is a second folder; index takes one");
  return words[0];
}

/// Where the index lies, or will lie.
fs::path the_file(const Arguments& arguments, const fs::path& folder) {
  if (!arguments.given("output")) return index_of(folder);
  const OutputName name(arguments.text("output"), index_of("").string(), 1);
  if (name.path(0, 0).extension() != ".safetensors") {
    arguments.refuse("output", "a name that ends in .safetensors, or a folder,");
  }
  return name.path(0, 0);
}

/// What is there already, else an index without rows.
PictureIndex index_to_update(const fs::path& file, bool anew, const EmbeddingPipeline& model) {
  auto fresh = embeddings_of(model.model());
  fresh.version = kVersion;
  std::error_code ignored;
  if (anew || !fs::exists(file, ignored)) {
    return {.embeddings = fresh, .pictures = {}, .unreadable = {}, .graph = {}};
  }
  auto index = read_index(file);
  const auto& found = index.embeddings;
  if (!same_space(found, fresh) || found.width() != model.width()) {
    fail(file, ": is of another model, ", found.model_name, " ", found.model_hash.substr(0, 10),
         "; ", fresh.model_name, " ", fresh.model_hash.substr(0, 10),
         " is wanted, or --anew, which encodes all pictures again");
  }
  index.embeddings.version = kVersion;
  return index;
}

UpdateOptions update_options(const Arguments& arguments, const Streams& streams,
                             ProgressBar& progress) {
  UpdateOptions options{.batch_size = arguments.integer("batch-size", 1, kMostImages)};
  options.on_skipped = [&](const std::string& why) {
    progress.clear();
    streams.err << "unclip: left out: " << why << std::endl;
  };
  options.on_progress = [&, quiet = arguments.on("quiet")](const char* work, int64_t done,
                                                           int64_t total) {
    if (!quiet) progress.show({.stage = work, .step = done, .steps = total, .unit = "picture"});
    return !interrupted();
  };
  return options;
}

void tell(const UpdateCounts& counts, const PictureIndex& index, const fs::path& file,
          const Arguments& arguments, const Streams& streams) {
  if (arguments.on("json")) {
    const nlohmann::ordered_json json = {
        {"path", file.string()},         {"rows", index.rows()},
        {"added", counts.added},         {"changed", counts.changed},
        {"removed", counts.removed},     {"unchanged", counts.unchanged},
        {"skipped", counts.skipped},     {"width", index.embeddings.width()},
        {"graph", index.graph.defined()}};
    streams.out << json.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace) << "\n";
    return;
  }
  if (!arguments.on("quiet")) {
    streams.err << counts.added << " added, " << counts.changed << " changed, " << counts.removed
                << " removed, " << counts.unchanged << " unchanged, " << counts.skipped
                << " left out" << std::endl;
  }
  streams.out << file.string() << "\n";
}

void index(const Arguments& arguments, const Streams& streams) {
  const auto folder = the_folder(arguments.words());
  const auto file = the_file(arguments, folder);
  ProgressBar progress(streams);
  const auto options = update_options(arguments, streams, progress);
  const auto listing = find_pictures(folder);
  for (const auto& why : listing.left_out) options.on_skipped(why);
  if (listing.pictures.empty()) {
    fail(folder, ": there is no picture in it; PNG or JPEG files are wanted");
  }
  expect_writable(file);
  auto model = EmbeddingPipeline::load(find_model(arguments.text("model")), {.image_encoder = true},
                                       pipeline_options(arguments));
  auto index = index_to_update(file, arguments.on("anew"), model);

  catch_interrupts();
  const auto encode = [&](const auto& pictures) { return model.encode_pictures(pictures); };
  auto counts = update_index(index, file, folder, listing.pictures, encode, options);
  counts.skipped += static_cast<int64_t>(listing.left_out.size());
  progress.clear();
  tell(counts, index, file, arguments, streams);
}

}  // namespace

Verb index_verb() {
  return {
      "index",
      "DIR",
      "Makes a folder of pictures searchable, or brings its index up to date.",
      with_common_flags(
          joined({{{"anew", 0, "", "",
                    "encode all pictures again, whatever the index holds; else only those that are "
                    "new "
                    "or have changed",
                    "Input"},
                   output_flag(
                       "the index, a name that ends in .safetensors, or a DIR for it (default: in "
                       "the folder, as .unclip-index.safetensors)"),
                   {"overwrite", 0, "", "",
                    "taken as by every verb; an index is brought up to date", "Other"}},
                  encoding_flags()}),
          {"seed"}),
      "  unclip index pictures\n"
      "  unclip index pictures -o index.safetensors\n"
      "  unclip index pictures --json\n",
      index};
}

}  // namespace unclip::cli
