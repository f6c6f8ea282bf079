#pragma once

#include <string>
#include <vector>

#include "cli/arguments.h"
#include "cli/metadata.h"
#include "cli/output_name.h"
#include "cli/overview.h"
#include "cli/progress_bar.h"
#include "image/write_file.h"
#include "pipeline/text_to_image.h"

namespace unclip::cli {

/// --output, where it names pictures. Throws UsageError for another kind of file than PNG.
std::string picture_output(const Arguments& arguments);
/// What --overwrite says.
WriteMode write_mode(const Arguments& arguments);

/// What a verb that paints may write besides pictures: --save-tensors and the overview's files.
Flags gallery_flags();

/// What all pictures of a run have in common; prompt, seed and size are each picture's own.
Recipe common_recipe(const Arguments& arguments, const ModelDir& model,
                     const GenerateOptions& options);

/// The recipe of one of them: with what is its own, and where other settings than the run's made
/// it, with those.
Recipe recipe_of(Recipe common, const GeneratedImage& image);
Recipe recipe_of(Recipe common, const GeneratedImage& image, const Settings& settings);

/// Takes the pictures as they come: to files, their names to standard output.
class Gallery {
 public:
  Gallery(const Arguments& arguments, OutputName output, Recipe recipe, const Streams& streams,
          ProgressBar& progress);

  /// Throws Error where a file of the run could not be written.
  void prepare(uint64_t first_seed);
  /// `from`: the file of the picture that this one came from; empty: none.
  void add(GeneratedImage&& image, const std::string& from = "");
  /// Writes what the gallery's flags ask for.
  void finish() const;

 private:
  void save_tensors() const;
  void tell_cut(const GeneratedImage& image) const;
  void tell(const std::filesystem::path& path, const GeneratedImage& image) const;

  OutputName output_;
  Recipe recipe_;
  std::string tensors_;  // a file's name; empty: none
  Overview overview_;
  WriteMode mode_;
  bool json_, quiet_;
  const Streams& streams_;
  ProgressBar& progress_;
  std::vector<GeneratedImage> images_;
};

}  // namespace unclip::cli
