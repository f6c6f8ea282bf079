#include <algorithm>
#include <ostream>

#include "base/error.h"
#include "cli/deliver.h"
#include "cli/gallery.h"
#include "cli/output_name.h"
#include "cli/overview.h"
#include "cli/sampling.h"
#include "cli/search_answers.h"
#include "cli/search_queries.h"
#include "cli/verbs.h"
#include "kernels/tensor.h"
#include "search/filter.h"
#include "search/nearest.h"
#include "search/update_index.h"

namespace unclip::cli {
namespace {

namespace fs = std::filesystem;

/// How the folder differs from its index by now.
FolderChanges current_changes(const PictureIndex& index, const fs::path& folder,
                              const fs::path& file, bool quiet, std::ostream& err) {
  const auto changes = changes_since(index, find_pictures(folder).pictures);
  const auto how = "run: unclip index " + folder.string();
  if (static_cast<int64_t>(changes.gone.size()) == index.rows()) {
    const auto none =
        "none of the " + std::to_string(index.rows()) + " images of its index is there any more";
    if (!changes.added.empty()) fail(folder, ": ", none, "; to index the new ones, ", how);
    fail(folder, ": ", none, "; put them back, or remove ", file);
  }
  if (changes.any() && !quiet) {
    err << "unclip: " << folder.string() << " has changed since it was indexed ("
        << changes.added.size() << " new, " << changes.changed.size() << " changed, "
        << changes.gone.size() << " gone, which are left out); to bring its index up to date, "
        << how << std::endl;
  }
  return changes;
}

/// Refuses an index whose writer did not know what --where and --print ask for.
void expect_provenance(const PictureIndex& index, const fs::path& folder, const fs::path& file) {
  if (!index.provenance.empty()) return;
  fail(file,
       ": has no metadata of its images, because an older unclip wrote it; run: unclip index ",
       folder);
}

std::vector<Condition> conditions_in(const Arguments& arguments) {
  std::vector<Condition> conditions;
  for (const auto& text : arguments.texts("where")) {
    try {
      conditions.push_back(parse_condition(text));
    } catch (const Error& error) {
      throw UsageError(std::string("--where: ") + error.what());
    }
  }
  return conditions;
}

/// Rows that are not to be found: those that are gone, and those that do not meet the conditions.
std::vector<bool> hidden_rows(const PictureIndex& index, const std::vector<int64_t>& gone,
                              const std::vector<Condition>& conditions) {
  if (gone.empty() && conditions.empty()) return {};
  std::vector<bool> hidden(static_cast<size_t>(index.rows()));
  for (const auto row : gone) hidden[static_cast<size_t>(row)] = true;
  for (size_t row = 0; row < hidden.size() && !conditions.empty(); ++row) {
    hidden[row] = hidden[row] || !matches(index.provenance[row], conditions);
  }
  if (std::find(hidden.begin(), hidden.end(), false) == hidden.end()) {
    fail("--where: none of the ", index.rows(), " images meets the conditions");
  }
  return hidden;
}

/// Hits of an image that was found: one, or one for each of its copies as well.
std::vector<Hit> hits_of(const FoundImage& found, const PictureIndex& index, const fs::path& folder,
                         bool each_copy) {
  const auto hit = [&](int64_t row) {
    const auto i = static_cast<size_t>(row);
    return Hit{.path = (folder / index.pictures[i].path).string(),
               .cosine = found.cosine,
               .copies = {},
               .provenance = index.provenance.empty() ? Provenance() : index.provenance[i]};
  };
  std::vector<Hit> hits = {hit(found.row)};
  for (const auto row : found.copies) {
    auto copy = hit(row);
    if (each_copy) {
      hits.push_back(std::move(copy));
    } else {
      hits.front().copies.push_back(copy.path);
    }
  }
  return hits;
}

std::vector<Answer> answer(const std::vector<Query>& queries, const PictureIndex& index,
                           const fs::path& folder, const NearestOptions& options, bool each_copy) {
  std::vector<at::Tensor> rows;
  for (const auto& query : queries) rows.push_back(query.embedding);
  const auto nearest = nearest_pictures(ops::stack(rows), index, options);
  std::vector<Answer> answers;
  for (size_t i = 0; i < queries.size(); ++i) {
    auto& hits = answers.emplace_back(Answer{queries[i], {}}).hits;
    for (const auto& found : nearest[i]) {
      for (auto& hit : hits_of(found, index, folder, each_copy)) hits.push_back(std::move(hit));
    }
  }
  return answers;
}

/// Where the folder's index lies.
fs::path file_of(const fs::path& folder, const Arguments& arguments) {
  const auto file = arguments.given("index") ? fs::path(arguments.text("index")) : index_of(folder);
  std::error_code ignored;
  if (!fs::is_directory(folder, ignored)) fail(folder, ": expected a folder");
  if (!fs::exists(file, ignored)) {
    fail(file, ": there is no such index; run: unclip index ", folder);
  }
  return file;
}

/// --print; empty if it is not given.
std::string printed_key(const Arguments& arguments) {
  if (!arguments.given("print")) return "";
  if (arguments.on("csv") || arguments.on("json")) {
    throw UsageError("--print: expected neither --csv nor --json");
  }
  return arguments.choice<std::string>(
      "print", {{"path", "path"}, {"prompt", "prompt"}, {"seed", "seed"}, {"model", "model"}});
}

/// The folder, then what is searched for.
std::vector<std::string> expect_words(const Arguments& arguments) {
  auto words = arguments.words();
  if (words.empty()) throw UsageError("expected DIR and TEXT or FILE..., got nothing");
  if (words.size() == 1) {
    throw UsageError("expected DIR and TEXT or FILE..., got only '" + words[0] + "'");
  }
  if (words.size() > 2 && sheet_columns(arguments) > 0) {
    throw UsageError("--columns: expected one text or file; each of several has a row of its own");
  }
  return words;
}

void search(const Arguments& arguments, const Streams& streams) {
  expect_one_form(arguments);
  auto words = expect_words(arguments);
  const fs::path folder = words.front();
  words.erase(words.begin());
  const bool quiet = arguments.on("quiet");
  const auto key = printed_key(arguments);
  const auto conditions = conditions_in(arguments);
  NearestOptions options{.count = arguments.integer("count", 1, kMostImages),
                         .exact = arguments.on("exact"),
                         .ef_search = arguments.integer("ef-search", 1, kMostEf)};
  const auto sheet = sheet_name(arguments);
  const auto columns = sheet_columns(arguments);
  const auto file = file_of(folder, arguments);
  const auto index = read_index(file);
  if (!conditions.empty() || (!key.empty() && key != "path")) {
    expect_provenance(index, folder, file);
  }
  const auto changes = current_changes(index, folder, file, quiet, streams.err);
  options.hidden = hidden_rows(index, changes.gone, conditions);
  if (!sheet.empty()) expect_writable(sheet, write_mode(arguments));
  const auto queries = encode_queries(words, index.embeddings, file, arguments, streams);
  const auto answers = answer(queries, index, folder, options, arguments.on("copies"));
  const auto as_asked = [&] {
    return key.empty() ? as_text(answers) : as_lines(answers, key, quiet ? nullptr : &streams.err);
  };
  deliver({.csv = [&] { return as_csv(answers); },
           .json = [&] { return as_json(answers); },
           .text = as_asked},
          "unclip-search", arguments, streams);
  if (!sheet.empty()) write_answer_sheet(answers, sheet, columns, arguments, streams);
}

Flags search_flags() {
  return {{"count", 'n', "K", "10", "images to find for each text or file; copies count as one",
           "Input"},
          {"where", 0, "KEY=VALUE...", "",
           "search only among images whose prompt, seed or model is VALUE, in which * stands for "
           "any text; all conditions must hold",
           "Input", /*list=*/true},
          {"index", 0, "FILE", "", "the folder's index (default: in DIR)", "Input"},
          {"exact", 0, "", "", "compare with every image, even if the index has a graph", "Input"},
          {"ef-search", 0, "N", std::to_string(kEfSearch),
           "HNSW's ef_search: candidates for a query's neighbours; more find more, and take longer",
           "Input"},
          {"force", 0, "", "", "search an index of another model, if the widths agree", "Input"},
          {"copies", 0, "", "", "print a line for each copy of an image, instead of their number",
           "Output"},
          {"print", 0, "KEY", "",
           "print only the path, prompt, seed or model of each image, a line each", "Output"},
          {"csv", 0, "", "", "print CSV: query, picture, cosine, copies, prompt, seed, model",
           "Output"},
          output_flag("a file or a folder (default: standard output)")};
}

}  // namespace

Verb search_verb() {
  return {"search",
          "DIR TEXT|FILE...",
          "Find the images of a folder that are nearest to texts or images.",
          with_common_flags(joined({search_flags(),
                                    sheet_flags("what is found",
                                                "about as many as rows; each of several texts or "
                                                "files has a row of its own"),
                                    weights_flags()}),
                            {"seed"}),
          "  unclip index pictures && unclip search pictures \"a red ball\" -n 5\n"
          "  unclip search pictures photo.jpg --json\n"
          "  unclip search pictures \"a red ball\" --where 'prompt=*ball*'\n"
          "  unclip search pictures photo.jpg --print prompt -n 3 | unclip --prompts -\n"
          "  unclip search pictures \"a red ball\" \"a blue cube\" -n 5 --contact-sheet found.png\n"
          "  unclip prior \"a red ball\" -o - | unclip search pictures -\n",
          search};
}

}  // namespace unclip::cli
