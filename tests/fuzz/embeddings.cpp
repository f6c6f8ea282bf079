#include "embedding/embeddings.h"
#include "tests/fuzz/target.h"

namespace unclip {

UNCLIP_FUZZ_TARGET(embeddings) {
  const auto embeddings = parse_embeddings(bytes, "x");
  fuzz::expect(embeddings.rows() > 0 && embeddings.width() > 0, "embeddings have rows and columns");
  parse_embeddings(embedding_bytes(embeddings), "written");
}

}  // namespace unclip
