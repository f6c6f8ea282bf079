#pragma once

#include <filesystem>
#include <map>
#include <string>
#include <vector>

#include "pipeline/stage.h"

namespace unclip::lab {

/// Writes down what each step of a run saw: for picture i of the run, with seed S, in DIR/i-S/
///   STAGE-n-x_t.png, STAGE-n-x_0.png    of decoder and super-resolution, step n, counted from 1
///   STAGE.gif                           both side by side, a frame for each step
///   steps.csv                           stage, step, timestep, alpha_bar, sigma, x_t_rms, x_0_rms,
///                                       guidance_rms (root mean squares; the last one's is c -
///                                       u's)
/// The prior's steps are in steps.csv alone.
class Watcher {
 public:
  /// Throws Error where the folder cannot be made, or where it holds anything, unless it may be
  /// written over. It is made with the first step; a picture's earlier steps go then.
  Watcher(const std::filesystem::path& folder, bool overwrite);

  /// As GenerateOptions::on_watch. Throws Error where a file cannot be written.
  void add(const WatchedStep& step);

 private:
  /// What is known of a picture so far.
  struct Watched {
    std::string csv;
    std::vector<at::Tensor> frames;  // of the stage, (3, h, 2 w) uint8
  };
  void add_row(const WatchedStep& step, int64_t row, Watched& watched);
  void add_pictures(const WatchedStep& step, int64_t row, Watched& watched);
  void make_folder(const std::filesystem::path& folder) const;
  std::filesystem::path folder_of(const WatchedStep& step, int64_t row) const;

  std::filesystem::path folder_;
  std::map<int64_t, Watched> watched_;  // by the picture's index in the run
};

}  // namespace unclip::lab
