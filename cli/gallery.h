#pragma once

#include <string>
#include <vector>

#include "base/write_file.h"
#include "cli/arguments.h"
#include "cli/metadata.h"
#include "cli/output_name.h"
#include "cli/overview.h"
#include "cli/preview.h"
#include "cli/progress_bar.h"
#include "engine/engine.h"
#include "image/encode_image.h"

namespace unclip::cli {

/// --output of a verb that writes images. Throws UsageError for an extension of no format that is
/// written, and for standard output if that is a terminal.
std::string image_output(const Arguments& arguments, const Streams& streams);
/// The format that the extension of --output names, PNG if it has none, and --quality. Throws
/// UsageError for a quality of PNG.
EncodeOptions encode_options(const Arguments& arguments);
Flag quality_flag();
/// What --overwrite says.
WriteMode write_mode(const Arguments& arguments);

/// --quality, --no-preview, and what a verb that paints may write besides images: --save-tensors
/// and the overview's files.
Flags gallery_flags();

/// What all images of a run have in common; prompt, seed and size are each image's own.
Recipe common_recipe(const Arguments& arguments, const Engine& engine,
                     const GenerateOptions& options);

/// The recipe of one of them, with the plan that made it if it differs from the run's.
Recipe recipe_of(Recipe common, const GeneratedImage& image);
Recipe recipe_of(Recipe common, const GeneratedImage& image, const Plan& plan);

/// Takes the images as they come: to files, their names to standard output; or to standard output.
class Gallery {
 public:
  Gallery(const Arguments& arguments, OutputName output, Recipe recipe, const Streams& streams,
          ProgressBar& progress);

  /// Throws Error if a file of the run could not be written.
  void prepare(uint64_t first_seed, const OutputName::PromptOf& prompt_of = {});
  /// `from`: the file of the image that this one came from; empty: none.
  void add(GeneratedImage&& image, const std::string& from = "");
  /// Writes what the gallery's flags ask for.
  void finish() const;

 private:
  std::filesystem::path write(const GeneratedImage& image) const;
  void save_tensors() const;
  void report_cut(const GeneratedImage& image) const;
  void print_name(const std::filesystem::path& path, const GeneratedImage& image) const;
  /// Where names go: not to standard output if the image goes there.
  std::ostream& names() const;

  OutputName output_;
  EncodeOptions encode_;
  Recipe recipe_;
  std::string tensors_;  // a file's name; empty: none
  Overview overview_;
  WriteMode mode_;
  bool json_, quiet_;
  const Streams& streams_;
  ProgressBar& progress_;
  Preview preview_;
  std::vector<GeneratedImage> images_;
};

}  // namespace unclip::cli
