#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "cli/arguments.h"
#include "cli/search_queries.h"
#include "cli/streams.h"

namespace unclip::cli {

/// A picture that was found, and how near it is.
struct Hit {
  std::string path;
  double cosine;
};
struct Answer {
  Query query;
  std::vector<Hit> hits;  // the nearest first
};

/// Lines of CSV, below their head: query, picture, cosine.
std::string as_csv(const std::vector<Answer>& answers);
/// An object for each query, one a line.
std::string as_json(const std::vector<Answer>& answers);
/// For people: the pictures, where there are several queries each one's below it.
std::string as_text(const std::vector<Answer>& answers);

/// Writes the pictures that were found as one sheet, large ones smaller, a row for each query where
/// there are several, else in `columns` (0: about as many as rows); tells its name on standard
/// error, and there names those that cannot be read. Throws Error where the sheet would be too
/// large.
void write_answer_sheet(const std::vector<Answer>& answers, const std::filesystem::path& file,
                        int64_t columns, const Arguments& arguments, const Streams& streams);

}  // namespace unclip::cli
