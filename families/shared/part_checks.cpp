#include "families/shared/part_checks.h"

#include "pipeline/preprocess.h"
#include "scheduler/published_class.h"
#include "scheduler/scheduler.h"

namespace unclip {

void expect_equal(const ModelDir& model, const PartNumber& a, const PartNumber& b) {
  if (a.value == b.value) return;
  fail(model.config(a.part).name(), ": '", a.key, "': expected ", b.value, ", as '", b.key, "' of ",
       model.config(b.part).name(), ", got ", a.value);
}

void check_scheduler(const ModelDir& model, const std::string& part) {
  make_scheduler(model.config(part), 1);
}

void check_tokenizer(const ModelDir& model, const std::string& part) {
  Tokenizer::load(model.folder(part));
}

void check_feature_extractor(const ModelDir& model, const std::string& part) {
  ImageProcessorConfig::from(model.config(part));
}

void run_check(const std::vector<PartCheck>& checks, const ModelDir& model,
               const std::string& part) {
  for (const auto& [name, check] : checks) {
    if (name == part) return check(model, part);
  }
  TORCH_CHECK(false, "no part is called ", part);
}

Tokenizer load_tokenizer(const ModelDir& model, const ClipTextConfig& text_encoder) {
  auto tokenizer = Tokenizer::load(model.folder("tokenizer"));
  if (tokenizer.vocab_size() > text_encoder.vocab_size) {
    fail(model.folder("tokenizer"), ": expected token ids below ", text_encoder.vocab_size,
         ", the 'vocab_size' of ", model.config("text_encoder").name(), ", found ids up to ",
         tokenizer.vocab_size() - 1);
  }
  return tokenizer;
}

std::vector<std::string> sampling_classes() {
  auto classes = published_classes();
  std::erase(classes, "DDIMInverseScheduler");
  return classes;
}

}  // namespace unclip
