#include "weights/safetensors_header.h"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <optional>
#include <set>
#include <unordered_set>

#include "base/error.h"

namespace unclip {
namespace {

using nlohmann::json;

constexpr size_t kMaxRank = 32;
constexpr size_t kMostTensors = 1 << 17;
constexpr std::string_view kMetadata = "__metadata__";  // the only key that is not a tensor's name

// The product of the sizes, with zeros counted as ones. Strides are computed from it, so it must be
// a valid length even if the tensor is empty.
std::optional<uint64_t> stride_product(const std::vector<int64_t>& shape) {
  int64_t product = 1;
  for (const auto size : shape) {
    if (__builtin_mul_overflow(product, std::max<int64_t>(size, 1), &product)) return {};
  }
  return product;
}

// Receives the header's JSON piece by piece, so that nothing is allocated for values that are not
// needed, and nothing can nest deeper than a tensor's shape.
class HeaderReader final : public nlohmann::json_sax<json> {
 public:
  HeaderReader(uint64_t data_size, const std::string& file) : data_size_(data_size), file_(file) {}

  SafetensorsHeader take() { return std::move(header_); }

  bool start_object(size_t) override {
    if (place_ == Place::kOutside) {
      place_ = Place::kTop;
    } else if (place_ == Place::kTop && tensor_ == kMetadata) {
      place_ = Place::kMetadata;
    } else if (place_ == Place::kTop) {
      place_ = Place::kTensor;
      if (header_.entries.size() == kMostTensors) {
        fail(file_, ": its header lists more than ", kMostTensors, " tensors");
      }
      entry_ = {};
      entry_.name = tensor_;
      fields_.clear();
    } else {
      refuse("an object");
    }
    return true;
  }

  bool key(std::string& key) override {
    if (place_ == Place::kTop) {
      tensor_ = key;
      if (!names_.insert(key).second) fail_here("stands there twice");
      return true;
    }
    field_ = key;
    if (place_ == Place::kMetadata) {
      if (header_.metadata.contains(key)) fail_here("'" + shown(key) + "' stands there twice");
      return true;
    }
    if (key != "dtype" && key != "shape" && key != "data_offsets") {
      fail_here("expected the keys dtype, shape and data_offsets, got '" + shown(key) + "'");
    }
    if (!fields_.insert(key).second) fail_here("'" + key + "' stands there twice");
    return true;
  }

  bool end_object() override {
    if (place_ == Place::kTensor) finish_tensor();
    place_ = place_ == Place::kTop ? Place::kOutside : Place::kTop;
    return true;
  }

  bool start_array(size_t) override {
    if (place_ == Place::kTensor && field_ == "shape") {
      place_ = Place::kShape;
    } else if (place_ == Place::kTensor && field_ == "data_offsets") {
      place_ = Place::kOffsets;
      offsets_.clear();
    } else {
      refuse("a list");
    }
    return true;
  }

  bool end_array() override {
    place_ = Place::kTensor;
    return true;
  }

  bool string(std::string& value) override {
    if (place_ == Place::kMetadata) {
      header_.metadata[field_] = std::move(value);
    } else if (place_ == Place::kTensor && field_ == "dtype") {
      read_dtype(value);
    } else {
      refuse("a string");
    }
    return true;
  }

  bool number_unsigned(uint64_t value) override {
    if (place_ == Place::kShape) {
      if (value > uint64_t{INT64_MAX}) fail_here("shape has the size " + std::to_string(value));
      if (entry_.shape.size() == kMaxRank) {
        fail_here("shape has more than " + std::to_string(kMaxRank) + " sizes");
      }
      entry_.shape.push_back(static_cast<int64_t>(value));
    } else if (place_ == Place::kOffsets) {
      if (offsets_.size() == 2) fail_here("data_offsets has more than two numbers");
      offsets_.push_back(value);
    } else {
      refuse("a number");
    }
    return true;
  }

  bool number_integer(int64_t value) override {
    if (place_ == Place::kShape) fail_here("shape has the size " + std::to_string(value));
    if (place_ == Place::kOffsets) fail_here("data_offsets has " + std::to_string(value));
    refuse("a number");
  }
  bool number_float(double, const std::string& text) override {
    refuse("the number " + shown(text));
  }
  bool null() override { refuse("null"); }
  bool boolean(bool value) override { refuse(value ? "true" : "false"); }
  bool binary(json::binary_t&) override { refuse("binary"); }

  bool parse_error(size_t position, const std::string&, const json::exception&) override {
    fail(file_, ": its header is not valid JSON in UTF-8 at byte ", position + 7,
         tensor_.empty() ? "" : ", at or after tensor '" + shown(tensor_) + "'");
  }

  // Every byte of the data belongs to one tensor: no overlap, no hole, nothing after the last.
  void check_cover() {
    auto& entries = header_.entries;
    std::sort(entries.begin(), entries.end(), [](const auto& a, const auto& b) {
      return std::tie(a.begin, a.end) < std::tie(b.begin, b.end);
    });
    uint64_t covered = 0;
    for (size_t i = 0; i < entries.size(); ++i) {
      const auto& e = entries[i];
      if (e.begin < covered) {
        fail(file_, ": tensor '", shown(e.name), "' begins at byte ", e.begin, ", inside tensor '",
             shown(entries[i - 1].name), "', which ends at ", covered);
      }
      if (e.begin > covered) {
        fail(file_, ": tensor '", shown(e.name), "': expected to begin at byte ", covered, ", got ",
             e.begin, "; no tensor holds the bytes between");
      }
      covered = e.end;
    }
    if (covered != data_size_) {
      fail(file_, ": its tensors end at byte ", covered, ", but ", data_size_,
           " bytes follow the header");
    }
  }

 private:
  enum class Place { kOutside, kTop, kMetadata, kTensor, kShape, kOffsets };

  [[noreturn]] void fail_here(const std::string& what) const {
    if (tensor_ == kMetadata) fail(file_, ": ", kMetadata, ": ", what);
    fail(file_, ": tensor '", shown(tensor_), "': ", what);
  }

  [[noreturn]] void refuse(const std::string& found) const {
    switch (place_) {
      case Place::kOutside:
        fail(file_, ": its header: expected a JSON object, got ", found);
      case Place::kTop:
        fail_here("expected an object, got " + found);
      case Place::kMetadata:
        fail_here("'" + shown(field_) + "': expected a string, got " + found);
      case Place::kTensor:
        fail_here(field_ + ": expected " + (field_ == "dtype" ? "a string" : "a list of integers") +
                  ", got " + found);
      case Place::kShape:
      case Place::kOffsets:
        break;
    }
    fail_here(field_ + ": expected integers, got " + found);
  }

  void read_dtype(const std::string& name) {
    const auto dtype = dtype_of_name(name);
    if (!dtype) fail_here("dtype is '" + shown(name) + "', which the format does not know");
    entry_.dtype = *dtype;
  }

  void finish_tensor() {
    for (const auto* field : {"dtype", "shape", "data_offsets"}) {
      if (!fields_.contains(field)) fail_here(std::string(field) + " is missing");
    }
    if (offsets_.size() != 2) fail_here("data_offsets has fewer than two numbers");
    entry_.begin = offsets_[0];
    entry_.end = offsets_[1];
    const auto range = std::to_string(entry_.begin) + " to " + std::to_string(entry_.end);
    if (entry_.begin > entry_.end) fail_here("data_offsets run backwards, from " + range);
    if (entry_.end > data_size_) {
      fail_here("lies at bytes " + range + ", but " + std::to_string(data_size_) +
                " bytes follow the header; the file may be cut short");
    }

    const auto product = stride_product(entry_.shape);
    uint64_t bits = 0;
    if (!product || __builtin_mul_overflow(*product, dtype_bits(entry_.dtype), &bits)) {
      fail_here("shape " + shown(entry_.shape) + " overflows");
    }
    if (entry_.numel() == 0) bits = 0;
    if (bits % 8 != 0 || bits / 8 != entry_.end - entry_.begin) {
      fail_here("has " + std::to_string(entry_.end - entry_.begin) + " bytes; " +
                std::string(dtype_name(entry_.dtype)) + " " + shown(entry_.shape) + " takes " +
                std::to_string(bits / 8) + (bits % 8 != 0 ? " and a part" : ""));
    }
    header_.entries.push_back(std::move(entry_));
  }

  const uint64_t data_size_;
  const std::string& file_;
  SafetensorsHeader header_;
  Place place_ = Place::kOutside;
  std::unordered_set<std::string> names_;
  std::string tensor_;  // the last key of the header's object
  std::string field_;   // the last key within that tensor's object
  TensorEntry entry_;
  std::set<std::string> fields_;
  std::vector<uint64_t> offsets_;
};

}  // namespace

SafetensorsHeader parse_safetensors_header(std::string_view text, uint64_t data_size,
                                           const std::string& file) {
  // The JSON reader would skip a byte order mark, and would stop at a NUL.
  if (text.empty() || text.front() != '{') {
    fail(file, ": its header does not begin with '{', so it is not a safetensors file");
  }
  if (const auto nul = text.find('\0'); nul != text.npos) {
    fail(file, ": its header is not valid JSON in UTF-8 at byte ", nul + 8);
  }
  HeaderReader reader(data_size, file);
  json::sax_parse(text.begin(), text.end(), &reader);
  reader.check_cover();
  return reader.take();
}

}  // namespace unclip
