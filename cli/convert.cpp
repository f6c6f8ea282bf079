#include "weights/convert.h"

#include <cmath>
#include <ostream>

#include "base/parse_number.h"
#include "cli/device.h"
#include "cli/find_model.h"
#include "cli/interrupt.h"
#include "cli/verbs.h"
#include "families/registry.h"
#include "pipeline/progress.h"

namespace unclip::cli {
namespace {

/// "2GB" -> 2000000000; 0 if the flag is not given.
uint64_t shard_bytes(const Arguments& arguments) {
  const auto text = arguments.text("shard-size");
  if (text.empty()) return 0;
  constexpr std::pair<std::string_view, double> kUnits[] = {
      {"GiB", 0x1p30}, {"MiB", 0x1p20}, {"GB", 1e9}, {"MB", 1e6}};
  for (const auto& [unit, bytes] : kUnits) {
    if (!text.ends_with(unit)) continue;
    const auto number =
        parse_number<double>(std::string_view(text).substr(0, text.size() - unit.size()));
    if (number && *number * bytes >= 1e5 && *number * bytes <= 1e15) {
      return static_cast<uint64_t>(*number * bytes);
    }
  }
  arguments.refuse("shard-size", "a size of 0.1MB or more, as in 500MB, 2GB or 2GiB");
}

void convert_model(const Arguments& arguments, const Streams& streams) {
  const auto& words = arguments.words();
  if (words.size() != 2) {
    throw UsageError("convert: expected a model and a folder to write, got " +
                     std::to_string(words.size()) + " words");
  }
  ConvertOptions options;
  if (!arguments.text("dtype").empty()) {
    options.dtype = arguments.choice<c10::ScalarType>(
        "dtype", {{"float32", c10::kFloat}, {"bfloat16", c10::kBFloat16}, {"float16", c10::kHalf}});
  }
  options.shard_bytes = shard_bytes(arguments);
  options.overwrite = arguments.on("overwrite");
  const auto model = open_model_dir(find_model(words[0]), borrowed_parts(arguments));
  const auto& family = family_of(model);
  for (const auto& part : model.parts()) {
    if (part.trouble.empty()) family.check_part(model, part.spec->name);
  }
  catch_interrupts();
  options.on_tensor = [last = std::string(), quiet = arguments.on("quiet"),
                       &streams](const std::string& part) mutable {
    if (interrupted()) throw Cancelled();
    if (part == last || quiet) return;
    last = part;
    streams.err << "unclip: " << part << "\n";
  };
  convert(model, words[1], options);
  streams.out << words[1] << "\n";
}

}  // namespace

Verb convert_verb() {
  return {
      "convert",
      "MODEL DIR",
      "Write a model as a folder of safetensors, as the hub has them.",
      with_common_flags(
          {{"dtype", 0, "TYPE", "",
            "type of the weights: float32, bfloat16 or float16 (default: as they are)", "Output"},
           {"shard-size", 0, "SIZE", "",
            "split larger parts into files of at most this size, as in 2GB (default: one file "
            "a part)",
            "Output"},
           {"overwrite", 0, "", "", "replace an existing model folder", "Output"},
           part_flag()},
          {"seed", "model", "output", "json", "device", "threads"}),
      "  unclip convert ~/models/karlo karlo-half --dtype float16\n"
      "  unclip convert kakaobrain/karlo-v1-alpha karlo --shard-size 2GB --overwrite\n",
      convert_model};
}

}  // namespace unclip::cli
