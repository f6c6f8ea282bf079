#include <ATen/ATen.h>

#include <ostream>

#include "cli/deliver.h"
#include "cli/output_name.h"
#include "cli/overview.h"
#include "cli/sampling.h"
#include "cli/search_answers.h"
#include "cli/search_queries.h"
#include "cli/verbs.h"
#include "core/error.h"
#include "search/nearest.h"
#include "search/update_index.h"

namespace unclip::cli {
namespace {

namespace fs = std::filesystem;

/// How the folder differs from its index by now.
FolderChanges current_changes(const PictureIndex& index, const fs::path& folder, bool quiet,
                              std::ostream& err) {
  const auto changes = changes_since(index, find_pictures(folder).pictures);
  const auto how = "run: unclip index " + folder.string();
  if (static_cast<int64_t>(changes.gone.size()) == index.rows()) {
    fail(folder, ": of the ", index.rows(), " pictures of its index none is there any more; ", how);
  }
  if (changes.any() && !quiet) {
    err << "unclip: " << folder.string() << " has changed since it was indexed ("
        << changes.added.size() << " new, " << changes.changed.size() << " changed, "
        << changes.gone.size() << " gone, which are left out); to bring its index up to date, "
        << how << std::endl;
  }
  return changes;
}

std::vector<bool> flags_of(const std::vector<int64_t>& rows, int64_t of) {
  std::vector<bool> flags(static_cast<size_t>(of));
  for (const auto row : rows) flags[static_cast<size_t>(row)] = true;
  return flags;
}

std::vector<Answer> answer(const std::vector<Query>& queries, const PictureIndex& index,
                           const fs::path& folder, const NearestOptions& options) {
  std::vector<at::Tensor> rows;
  for (const auto& query : queries) rows.push_back(query.embedding);
  const auto nearest = nearest_pictures(at::stack(rows), index, options);
  std::vector<Answer> answers;
  for (size_t i = 0; i < queries.size(); ++i) {
    auto& hits = answers.emplace_back(Answer{queries[i], {}}).hits;
    for (const auto& [row, cosine] : nearest[i]) {
      const auto& path = index.pictures[static_cast<size_t>(row)].path;
      hits.push_back({(folder / path).string(), cosine});
    }
  }
  return answers;
}

/// Where the folder's index lies.
fs::path file_of(const fs::path& folder, const Arguments& arguments) {
  const auto file = arguments.given("index") ? fs::path(arguments.text("index")) : index_of(folder);
  std::error_code ignored;
  if (!fs::is_directory(folder, ignored)) fail(folder, ": is no folder; a folder is wanted");
  if (!fs::exists(file, ignored)) {
    fail(file, ": there is no such index; run: unclip index ", folder);
  }
  return file;
}

void search(const Arguments& arguments, const Streams& streams) {
  expect_one_form(arguments);
  auto words = arguments.words();
  if (words.size() < 2) {
    throw UsageError("there is nothing to search for; DIR and TEXT or FILE... are wanted");
  }
  const fs::path folder = words.front();
  words.erase(words.begin());
  NearestOptions options{.count = arguments.integer("count", 1, kMostImages),
                         .exact = arguments.on("exact")};
  const auto sheet = sheet_name(arguments);
  const auto columns = sheet_columns(arguments);
  if (words.size() > 1 && columns > 0) {
    throw UsageError("--columns is for one text or file; each of several has a row of its own");
  }
  const auto file = file_of(folder, arguments);
  const auto index = read_index(file);
  const auto changes = current_changes(index, folder, arguments.on("quiet"), streams.err);
  if (!changes.gone.empty()) options.gone = flags_of(changes.gone, index.rows());
  if (!sheet.empty()) expect_writable(sheet);
  const auto queries = encode_queries(words, index.embeddings, file, arguments, streams);
  const auto answers = answer(queries, index, folder, options);
  deliver({.csv = [&] { return as_csv(answers); },
           .json = [&] { return as_json(answers); },
           .text = [&] { return as_text(answers); }},
          "unclip-search", arguments, streams);
  if (!sheet.empty()) write_answer_sheet(answers, sheet, columns, arguments, streams);
}

}  // namespace

Verb search_verb() {
  return {"search",
          "DIR TEXT|FILE...",
          "Finds the pictures of an indexed folder that are nearest to texts or pictures.",
          with_common_flags(
              joined({{{"count", 'n', "K", "10", "pictures to find for each text or file", "Input"},
                       {"index", 0, "FILE", "", "the folder's index (default: in DIR)", "Input"},
                       {"exact", 0, "", "",
                        "compare with every picture, also where there are 50,000 or more", "Input"},
                       {"force", 0, "", "",
                        "search in another model's index, where the widths agree", "Input"},
                       {"csv", 0, "", "", "print CSV: query, picture, cosine", "Output"},
                       output_flag("a FILE, or a DIR (default: standard output)")},
                      sheet_flags("what is found",
                                  "about as many as rows; each of several texts or files has a "
                                  "row of its own"),
                      weights_flags()}),
              {"seed"}),
          "  unclip index pictures && unclip search pictures \"a red ball\" -n 5\n"
          "  unclip search pictures photo.jpg --json\n"
          "  unclip search pictures \"a red ball\" \"a blue cube\" -n 5 --contact-sheet found.png\n"
          "  unclip prior \"a red ball\" -o - | unclip search pictures -\n",
          search};
}

}  // namespace unclip::cli
