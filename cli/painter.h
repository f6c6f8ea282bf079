#pragma once

#include <string>

#include "cli/arguments.h"
#include "cli/gallery.h"
#include "cli/output_name.h"
#include "cli/progress_bar.h"
#include "engine/engine.h"

namespace unclip::cli {

/// Paints rows of embeddings for a verb. It is made before any work is done, for it throws Error
/// where a picture could not be written, and wrong steps are told then, too.
class Painter {
 public:
  /// `model` and `arguments` outlive it.
  Painter(const std::string& verb, Engine& model, const GenerateOptions& options, OutputName output,
          const Arguments& arguments, const Streams& streams);

  /// Of the whole run.
  const OnProgress& on_progress() const { return options_.on_progress; }
  /// Tells the rows' seeds, and writes their pictures.
  /// Its label on an overview is the picture's that the row comes from, or its own of `labels`.
  void paint(const Embeddings& rows, std::vector<std::string> labels = {});

 private:
  Engine& model_;
  GenerateOptions options_;
  bool quiet_;
  const Streams& streams_;
  ProgressBar progress_;
  Gallery gallery_;
  std::vector<std::string> labels_;  // of the rows
};

}  // namespace unclip::cli
