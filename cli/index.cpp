#include <nlohmann/json.hpp>
#include <ostream>

#include "base/error.h"
#include "base/json_text.h"
#include "cli/embedding_files.h"
#include "cli/find_model.h"
#include "cli/index_remove.h"
#include "cli/interrupt.h"
#include "cli/output_name.h"
#include "cli/progress_bar.h"
#include "cli/sampling.h"
#include "cli/verbs.h"
#include "cli/version.h"
#include "engine/engine.h"
#include "search/update_index.h"
#include "weights/tensor_entry.h"

namespace unclip::cli {
namespace {

namespace fs = std::filesystem;

constexpr int64_t kMostGraphFrom = INT32_MAX;

fs::path folder_in(const std::vector<std::string>& words) {
  if (words.empty()) throw UsageError("expected DIR, got no folder");
  if (words.size() > 1) throw UsageError("expected one folder, got '" + words[1] + "' as well");
  return words[0];
}

/// Where the index lies, or will lie.
fs::path index_file(const Arguments& arguments, const fs::path& folder) {
  if (!arguments.given("output")) return index_of(folder);
  const OutputName name(arguments.text("output"), index_of("").string(), 1);
  if (name.path(0, 0).extension() != ".safetensors") {
    arguments.refuse("output", "a name that ends in .safetensors, or a folder,");
  }
  return name.path(0, 0);
}

/// The index that is there, else one without rows.
PictureIndex index_to_update(const fs::path& file, bool anew, const Engine& model) {
  auto fresh = embeddings_of(model.model());
  fresh.version = kVersion;
  std::error_code ignored;
  PictureIndex index;
  if (anew || !fs::exists(file, ignored)) {
    index.embeddings = fresh;
    return index;
  }
  index = read_index(file);
  const auto& found = index.embeddings;
  if (!same_space(found, fresh) || found.width() != model.width()) {
    fail(file, ": expected an index of ", fresh.model_name, " ", fresh.model_hash.substr(0, 10),
         ", got one of another model, ", found.model_name, " ", found.model_hash.substr(0, 10),
         "; --anew encodes all images again");
  }
  index.embeddings.version = kVersion;
  return index;
}

/// What the flags say of the graph; else it stays as `now`.
GraphOptions graph_options(const Arguments& arguments, GraphOptions now) {
  const auto set = [&](const char* flag, int64_t& value, int64_t least, int64_t most) {
    value = arguments.integer_if_given(flag, least, most).value_or(value);
  };
  set("hnsw-m", now.m, kLeastM, kMostM);
  set("ef-construction", now.ef_construction, 1, kMostEf);
  set("graph-from", now.from, 1, kMostGraphFrom);
  return now;
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

/// "3 files of image formats that are not read, the first b.jxl"
std::string passed_over_text(const std::vector<std::string>& names) {
  const auto count = std::to_string(names.size());
  return count + (names.size() == 1 ? " file" : " files") +
         " of image formats that are not read, the first " + shown(names.front());
}

void expect_pictures(const FolderListing& listing, const fs::path& folder, const fs::path& file) {
  if (!listing.pictures.empty()) return;
  std::error_code ignored;
  const auto others =
      listing.passed_over.empty() ? "" : ", only " + passed_over_text(listing.passed_over);
  if (!fs::exists(file, ignored)) fail(folder, ": expected image files, found none", others);
  fail(folder, ": expected image files, found none", others,
       "; to keep its index, put the images back, else remove ", file);
}

void report(const UpdateCounts& counts, const PictureIndex& index, const FolderListing& listing,
            const fs::path& file, const Arguments& arguments, const Streams& streams) {
  const auto distinct = static_cast<int64_t>(index.copies.distinct().size());
  if (arguments.on("json")) {
    const nlohmann::ordered_json json = {{"path", file.string()},
                                         {"rows", index.rows()},
                                         {"distinct", distinct},
                                         {"added", counts.added},
                                         {"changed", counts.changed},
                                         {"removed", counts.removed},
                                         {"unchanged", counts.unchanged},
                                         {"skipped", counts.skipped},
                                         {"removed_by_name", counts.hidden},
                                         {"passed_over", listing.passed_over.size()},
                                         {"width", index.embeddings.width()},
                                         {"graph", index.graph.defined()},
                                         {"m", index.graph_options.m},
                                         {"ef_construction", index.graph_options.ef_construction},
                                         {"graph_from", index.graph_options.from}};
    streams.out << json_text(json) << "\n";
    return;
  }
  if (!arguments.on("quiet")) {
    streams.err << counts.added << " added, " << counts.changed << " changed, " << counts.removed
                << " removed, " << counts.unchanged << " unchanged, " << counts.skipped
                << " left out";
    if (counts.hidden > 0) streams.err << ", " << counts.hidden << " removed by name before";
    streams.err << std::endl;
    if (const auto copies = index.rows() - distinct; copies > 0) {
      streams.err << index.rows() << " rows, " << copies << " of them copies of others"
                  << std::endl;
    }
  }
  streams.out << file.string() << "\n";
}

void update(const Arguments& arguments, const fs::path& folder, const fs::path& file,
            const Streams& streams) {
  ProgressBar progress(streams);
  auto options = update_options(arguments, streams, progress);
  graph_options(arguments, {});  // refuses wrong values before any work
  const auto listing = find_pictures(folder);
  for (const auto& why : listing.left_out) options.on_skipped(why);
  expect_pictures(listing, folder, file);
  if (!listing.passed_over.empty() && !arguments.on("quiet")) {
    streams.err << "unclip: passed over: " << passed_over_text(listing.passed_over) << std::endl;
  }
  expect_writable(file, WriteMode::kOverwrite);
  auto model = Engine::load(find_model(arguments.text("model")), {.image_encoder = true},
                            pipeline_options(arguments));
  auto index = index_to_update(file, arguments.on("anew"), model);
  options.graph = graph_options(arguments, index.graph_options);

  catch_interrupts();
  const auto encode = [&](const auto& pictures) { return model.encode_images(pictures); };
  auto counts = update_index(index, file, folder, listing.pictures, encode, options);
  counts.skipped += static_cast<int64_t>(listing.left_out.size());
  progress.clear();
  report(counts, index, listing, file, arguments, streams);
}

void index(const Arguments& arguments, const Streams& streams) {
  const auto folder = folder_in(arguments.words());
  const auto file = index_file(arguments, folder);
  (arguments.given("remove") ? remove_from_index : update)(arguments, folder, file, streams);
}

Flags index_flags() {
  return {
      {"anew", 0, "", "",
       "encode all images again, also those removed by name; default: only those that are new "
       "or have changed",
       "Input"},
      {"remove", 0, "FILE...", "",
       "only remove the rows of these images from the index; they stay out until they change "
       "or --anew; - is standard input, a name a line",
       "Input", /*list=*/true},
      {"hnsw-m", 0, "M", "",
       "HNSW's M: links of a row of the graph on each layer, twice as many on the lowest "
       "(default: the index's, else 16)",
       "Graph"},
      {"ef-construction", 0, "N", "",
       "HNSW's ef_construction: candidates for a new row's links (default: the index's, else "
       "200)",
       "Graph"},
      {"graph-from", 0, "N", "",
       "build the graph from N distinct images on (default: the index's, else 50000)", "Graph"},
      output_flag("the index, a name that ends in .safetensors, or a DIR for it (default: in "
                  "the folder, as .unclip-index.safetensors)"),
  };
}

}  // namespace

Verb index_verb() {
  return {"index",
          "DIR",
          "Make a folder of images searchable, or update its index.",
          with_common_flags(joined({index_flags(), encoding_flags()}), {"seed", "overwrite"}),
          "  unclip index pictures\n"
          "  unclip index pictures -o index.safetensors\n"
          "  unclip index pictures --json\n"
          "  unclip index pictures --remove pictures/b.png\n",
          index};
}

}  // namespace unclip::cli
