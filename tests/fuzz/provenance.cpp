#include <ATen/core/Tensor.h>

#include "search/provenance.h"
#include "tests/fuzz/target.h"

namespace unclip {

UNCLIP_FUZZ_TARGET(provenance) {
  for (const auto& found : {parse_recipe_text(bytes), parse_parameters_text(bytes)}) {
    fuzz::expect(found.prompt.size() <= kMostText && found.model.size() <= kMostText, "texts fit");
    provenance_tensor({found});
  }
}

}  // namespace unclip
