#pragma once

#include <filesystem>
#include <map>
#include <string>
#include <vector>

#include "pipeline/progress.h"

namespace unclip::lab {

/// Writes the images and numbers of each step of a run. Steps count from 0, as in `schedule show`.
/// For image i of the run, with seed S, in DIR/i-S/:
///   STAGE-n-x_t.png, STAGE-n-x_0.png    of step n of each stage except the prior
///   STAGE.gif                           both next to each other, one frame per step, enlarged by a
///                                       whole number and labelled with stage, step and sigma
///   steps.csv                           stage, step, timestep, alpha_bar, sigma, x_t_rms, x_0_rms,
///                                       guidance_rms (root mean squares; the last is that of c -
///                                       u)
/// The prior's steps are only in steps.csv.
class Watcher {
 public:
  /// Throws Error if the folder cannot be made, or if it holds anything, unless `overwrite` is set.
  /// The folder is made at the first step; files that an earlier run wrote for the same image are
  /// removed then.
  Watcher(const std::filesystem::path& folder, bool overwrite);

  /// Adds a step; for GenerateOptions::on_watch. Throws Error if a file cannot be written.
  void add(const WatchedStep& step);

 private:
  /// The data of an image so far.
  struct Watched {
    std::string csv;
    std::vector<at::Tensor> frames;   // of the stage, (3, h, 2 w) uint8
    std::vector<std::string> labels;  // one per frame
  };
  void add_row(const WatchedStep& step, int64_t row, Watched& watched);
  void add_pictures(const WatchedStep& step, int64_t row, Watched& watched);
  void make_folder(const std::filesystem::path& folder) const;
  std::filesystem::path folder_of(const WatchedStep& step, int64_t row) const;

  std::filesystem::path folder_;
  std::map<int64_t, Watched> watched_;  // by the image's index in the run
};

/// frame (3, h, w) uint8 -> the frame enlarged by the least whole number that makes it at least 256
/// rows high, below a line of text on white of the same width. (3, H, W) uint8
at::Tensor labelled_frame(const at::Tensor& frame, const std::string& label);

}  // namespace unclip::lab
