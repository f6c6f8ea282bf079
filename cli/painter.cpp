#include "cli/painter.h"

#include <algorithm>
#include <ostream>

#include "cli/sampling.h"

namespace unclip::cli {
namespace {

Recipe recipe_of(const std::string& verb, const Engine& model, const GenerateOptions& options,
                 const Arguments& arguments) {
  auto recipe = common_recipe(arguments, model, options);
  recipe.verb = verb;
  return recipe;
}

void tell_seeds(const std::vector<Origin>& origins, std::ostream& err) {
  const auto first = *origins.front().seed;
  bool same = true, rising = true;
  for (size_t i = 0; i < origins.size(); ++i) {
    same = same && *origins[i].seed == first;
    rising = rising && *origins[i].seed == first + i;
  }
  if (same || rising) {
    tell_seed(first, same ? 1 : static_cast<int64_t>(origins.size()), err);
  } else {
    err << "seeds " << first << " and others; each picture's metadata tells its own" << std::endl;
  }
}

}  // namespace

Painter::Painter(const std::string& verb, Engine& model, const GenerateOptions& options,
                 OutputName output, const Arguments& arguments, const Streams& streams)
    : model_(model),
      options_(options),
      quiet_(arguments.on("quiet")),
      streams_(streams),
      progress_(streams),
      gallery_(arguments, std::move(output), recipe_of(verb, model, options, arguments), streams,
               progress_) {
  expect_sampling(model.model(), options, model.needs());
  gallery_.prepare(options.seed, [&](int64_t) { return arguments.text("prompt"); });
  options_.on_progress = shown_by(progress_, quiet_);
  options_.on_image = [this](GeneratedImage&& image) {
    const auto index = static_cast<size_t>(image.index);
    gallery_.add(std::move(image), labels_[index]);
  };
}

void Painter::paint(const Embeddings& rows, std::vector<std::string> labels) {
  labels_ = std::move(labels);
  for (size_t i = labels_.size(); i < rows.origins.size(); ++i) {
    labels_.push_back(rows.origins[i].path);
  }
  progress_.clear();
  if (!quiet_) {
    tell_size(model_, options_, streams_.err);
    tell_seeds(rows.origins, streams_.err);
  }
  model_.decode(rows, options_);
  gallery_.finish();
}

}  // namespace unclip::cli
