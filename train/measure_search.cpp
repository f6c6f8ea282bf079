#include <ATen/ATen.h>

#include <cstdio>

#include "base/error.h"
#include "engine/engine.h"
#include "image/png.h"
#include "search/nearest.h"
#include "search/update_index.h"
#include "train/batch.h"
#include "train/measure.h"
#include "train/statistics.h"

namespace unclip::train {
namespace {

namespace fs = std::filesystem;

constexpr int64_t kSide = 128;
constexpr int64_t kOtherSide = 200;  // of the images used as queries

/// A temporary folder, which the destructor removes.
class ScratchFolder {
 public:
  ScratchFolder() {
    std::string name = (fs::temp_directory_path() / "unclip-search-XXXXXX").string();
    if (::mkdtemp(name.data()) == nullptr) fail(name, ": cannot be made");
    path_ = name;
  }
  ScratchFolder(const ScratchFolder&) = delete;
  ScratchFolder& operator=(const ScratchFolder&) = delete;
  ~ScratchFolder() {
    std::error_code ignored;
    fs::remove_all(path_, ignored);
  }
  const fs::path& path() const { return path_; }

 private:
  fs::path path_;
};

std::vector<Example> random_scenes(const MeasureOptions& options) {
  world::Random random(options.seed);
  return random_examples(options.pictures, random);
}

class SearchMeasurement {
 public:
  explicit SearchMeasurement(const MeasureOptions& options)
      : options_(options),
        model_(Engine::load(options.model, {.text = true, .image_encoder = true},
                            {.device = options.device})),
        examples_(random_scenes(options)) {
    write_pictures();
    UpdateOptions update{.batch_size = options.batch_size};
    update.on_progress = [](const char* work, int64_t done, int64_t total) {
      std::fprintf(stderr, "\r%s: %ld of %ld ", work, static_cast<long>(done),
                   static_cast<long>(total));
      return true;
    };
    update_index(
        index_, index_of(folder_.path()), folder_.path(), find_pictures(folder_.path()).pictures,
        [&](const auto& pictures) { return model_.encode_images(pictures); }, update);
    std::fprintf(stderr, "\n");
  }

  /// `said` returns a claim about an example, and a text that states it.
  Count by_text(std::pair<world::Claim, std::string> (*said)(const Example&)) {
    Count count;
    for (int64_t i = 0; i < options_.queries; ++i) {
      const auto [claim, text] = said(asked(i));
      count.add(world::is_true(claim, first_answer(model_.encode_texts({text})).scene));
    }
    return count;
  }

  Count by_picture() {
    Count count;
    for (int64_t i = 0; i < options_.queries; ++i) {
      const auto picture = to_uint8(render_batch({asked(i)}, kOtherSide)[0]);
      count.add(&first_answer(model_.encode_images({picture})) == &asked(i));
    }
    return count;
  }

 private:
  void write_pictures() const {
    for (size_t i = 0; i < examples_.size(); ++i) {
      write_png(folder_.path() / (std::to_string(i) + ".png"),
                render_batch({examples_[i]}, kSide)[0], {}, WriteMode::kOverwrite);
    }
  }

  /// The example whose scene the i-th query asks for.
  const Example& asked(int64_t i) const {
    return examples_[static_cast<size_t>(i * options_.pictures / options_.queries)];
  }

  const Example& first_answer(const at::Tensor& z) const {
    const auto row = nearest_pictures(z, index_, {.count = 1})[0][0].row;
    return examples_[std::stoul(index_.pictures[static_cast<size_t>(row)].path)];
  }

  const MeasureOptions& options_;
  Engine model_;
  std::vector<Example> examples_;
  ScratchFolder folder_;
  PictureIndex index_;
};

}  // namespace

void measure_search(const MeasureOptions& options) {
  SearchMeasurement measurement(options);
  const auto plain = measurement.by_text([](const Example& example) {
    const auto claim = claim_of(example.scene);
    return std::pair{claim, world::plain_caption(claim)};
  });
  const auto any = measurement.by_text([](const Example& example) {
    return std::pair{example.claim, example.caption};
  });
  print_figures({{"by its full caption", plain},
                 {"by a caption in any wording, which may leave things open", any},
                 {"by its picture of another size", measurement.by_picture()}},
                {}, options.json);
}

}  // namespace unclip::train
