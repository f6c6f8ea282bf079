#pragma once

#include <filesystem>
#include <iosfwd>
#include <string>
#include <vector>

#include "cli/arguments.h"
#include "cli/search_queries.h"
#include "cli/streams.h"
#include "search/provenance.h"

namespace unclip::cli {

/// An image that was found.
struct Hit {
  std::string path;
  double cosine = 0;
  std::vector<std::string> copies;  // paths of its copies
  Provenance provenance;
};
struct Answer {
  Query query;
  std::vector<Hit> hits;  // the nearest first
};

/// CSV with a header: query, picture, cosine, copies (their number), prompt, seed, model.
std::string as_csv(const std::vector<Answer>& answers);
/// JSON, an object for each query, one a line.
std::string as_json(const std::vector<Answer>& answers);
/// For people: a line for each image, and one for its prompt, seed and model if they are known. If
/// there are several queries, each one's name precedes its images.
std::string as_text(const std::vector<Answer>& answers);

/// A line for each image: its path, or the value of a key of its provenance, control characters
/// made spaces. Images without that value are left out and reported on `err`, unless that is null.
/// Throws Error if no image has it.
std::string as_lines(const std::vector<Answer>& answers, const std::string& key, std::ostream* err);

/// Writes the images that were found as one sheet, large ones smaller: a row for each query if
/// there are several, else in `columns` (0: about as many as rows). Prints the sheet's name on
/// standard error, and there reports images that cannot be read. Throws Error if the sheet would be
/// too large.
void write_answer_sheet(const std::vector<Answer>& answers, const std::filesystem::path& file,
                        int64_t columns, const Arguments& arguments, const Streams& streams);

}  // namespace unclip::cli
