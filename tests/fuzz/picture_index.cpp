#include "search/picture_index.h"
#include "tests/fuzz/target.h"
#include "weights/checkpoint.h"

namespace unclip {

UNCLIP_FUZZ_TARGET(picture_index) {
  const auto index = index_in(Checkpoint::from_bytes(bytes, "x"));
  fuzz::expect(index.rows() == index.embeddings.rows(), "a row for each image");
  fuzz::expect(!index.graph.defined() || index.graph.rows() <= index.rows(), "a graph of the rows");
}

}  // namespace unclip
