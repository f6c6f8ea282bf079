#pragma once

#include <optional>
#include <string>
#include <vector>

#include "clip/text_encoder.h"
#include "clip/tokenizer.h"
#include "pipeline/network_slot.h"
#include "pipeline/run.h"

namespace unclip {

/// The CLIP text encoder of a model: it encodes the prompts of runs for the prior, and for decoders
/// that read texts.
class ClipTexts {
 public:
  /// `part` holds the weights. `tokenizer` is present if texts are needed.
  ClipTexts(Memory& memory, const std::string& part, const ClipTextConfig& config,
            std::optional<Tokenizer> tokenizer);

  /// The prompts of a run after its negative prompt: 2 B rows, [unconditional..., conditional...].
  /// Sets run.texts. Texts that equal those of the run before are not encoded again. `next` is the
  /// network that runs after it.
  const TextCondition& encode(Run& run, const NetworkSlotBase* next);
  /// -> (N, D) float32
  at::Tensor embeddings(const std::vector<std::string>& texts, const NetworkSlotBase* next);

 private:
  /// Tokens of B texts, after those of the text that their unconditional rows have.
  struct Tokens {
    at::Tensor ids, mask;           // (2 B, T), [unconditional..., conditional...]
    std::vector<std::string> cuts;  // B: words of a text and the unconditional one, not read
  };
  Tokens tokenize(const std::vector<std::string>& texts, const std::string& unconditional) const;
  TextCondition encode(const Tokens& tokens, const NetworkSlotBase* next);

  Memory& memory_;
  int64_t length_;  // T
  std::optional<Tokenizer> tokenizer_;
  NetworkSlot<TextEncoder, ClipTextConfig> encoder_;

  std::vector<std::string> last_texts_;  // prompts of the run before, and the unconditional text
  Tokens last_tokens_;
  TextCondition last_condition_;
};

}  // namespace unclip
