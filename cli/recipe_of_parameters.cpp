#include <charconv>
#include <cmath>
#include <cstdint>
#include <limits>
#include <optional>

#include "base/error.h"
#include "base/parse_number.h"
#include "cli/parse_parameters.h"
#include "cli/read_recipe.h"

namespace unclip::cli {
namespace {

constexpr int64_t kMostListedSide = 65535;
constexpr double kMostGuidance = 1e6;

/// Values of the text by key.
class Values {
 public:
  Values(const ParametersText& text, const std::string& name) : text_(text), name_(name) {}

  std::string text(const std::string& key) const {
    const auto it = text_.values.find(key);
    return it == text_.values.end() ? "" : it->second;
  }

  template <class T>
  std::optional<T> number(const std::string& key, T least, T most, const char* expected) const {
    const auto value = text(key);
    if (value.empty()) return std::nullopt;
    const auto number = parse_number<T>(value);
    if (!number || !(*number >= least && *number <= most)) {
      fail(name_, ": '", key, "' of its parameters: expected ", expected, ", found '", value, "'");
    }
    return number;
  }

  std::optional<int64_t> steps() const {
    return number<int64_t>("Steps", 1, kMostSteps, "an integer from 1 to 1000000");
  }
  std::optional<double> guidance() const {
    return number<double>("CFG scale", 0, kMostGuidance, "a number from 0 to 1000000");
  }

  uint64_t seed() const {
    const auto seed = number<int64_t>("Seed", 0, INT64_MAX, "an integer from 0 to 2^63-1");
    if (!seed) fail(name_, ": expected 'Seed' in its parameters, found none");
    return static_cast<uint64_t>(*seed);
  }

 private:
  const ParametersText& text_;
  const std::string& name_;
};

/// "128x96"; 0 x 0 if it is not of that form
void set_size(Recipe& recipe, const std::string& size) {
  const auto x = size.find('x');
  if (x == size.npos) return;
  int64_t width = 0, height = 0;
  std::from_chars(size.data(), size.data() + x, width);
  std::from_chars(size.data() + x + 1, size.data() + size.size(), height);
  if (width < 1 || width > kMostListedSide || height < 1 || height > kMostListedSide) return;
  recipe.width = width;
  recipe.height = height;
}

void set_sampler(FoundRecipe& found, const std::string& sampler) {
  if (sampler.empty()) return found.unknown.emplace_back("the sampler"), void();
  try {
    found.decoder->walk = parse_walk(sampler);
  } catch (const Error&) {
    // A name of another program; unclip writes the class of the model's own.
    if (found.foreign) found.unknown.push_back("the sampler '" + sampler + "'");
  }
}

}  // namespace

FoundRecipe recipe_of_parameters(std::string_view text, const std::string& name) {
  const auto parsed = parse_parameters(text);
  const Values values(parsed, name);
  FoundRecipe found;
  auto& recipe = found.recipe;
  recipe.prompt = parsed.prompt;
  recipe.seed = values.seed();
  if (!parsed.negative_prompt.empty()) recipe.negative_prompt = parsed.negative_prompt;
  recipe.model_name = values.text("Model");
  recipe.model_hash = values.text("Model hash");
  found.decoder.emplace();
  found.decoder->steps = values.steps();
  found.decoder->guidance.scale = values.guidance();
  set_size(found.recipe, values.text("Size"));
  found.foreign = !values.text("Version").starts_with("unclip ");
  if (!found.decoder->steps) found.unknown.emplace_back("the decoder's steps");
  if (!found.decoder->guidance.scale) found.unknown.emplace_back("the decoder's guidance");
  set_sampler(found, values.text("Sampler"));
  found.unknown.emplace_back("the steps and guidance of the other stages");
  found.unknown.emplace_back("the dtype");
  return found;
}

}  // namespace unclip::cli
