#include "embedding/embeddings.h"

#include <nlohmann/json.hpp>

#include "base/config.h"
#include "base/error.h"
#include "base/file_bytes.h"
#include "base/json_text.h"
#include "image/image_format.h"
#include "kernels/tensor.h"
#include "weights/checkpoint.h"
#include "weights/npy.h"
#include "weights/write_safetensors.h"

namespace unclip {
namespace {

using Json = nlohmann::json;

constexpr uint64_t kMostSeed = UINT64_MAX;
constexpr int64_t kMostDraws = 1'000'000;

std::string string_or(const std::map<std::string, std::string>& metadata, const char* key) {
  const auto it = metadata.find(key);
  return it == metadata.end() ? "" : it->second;
}

nlohmann::ordered_json json_of(const Origin& origin) {
  auto json = nlohmann::ordered_json::object();
  if (!origin.path.empty()) json["path"] = origin.path;
  if (origin.prompt) json["prompt"] = *origin.prompt;
  if (origin.seed) json["seed"] = *origin.seed;
  if (origin.draws > 0) json["draws"] = origin.draws;
  return json;
}

Origin origin_of(const Json& json, const std::string& where) {
  const auto refuse = [&](const char* key, const std::string& expected) {
    fail(where, ": '", key, "': expected ", expected, ", got ", json.at(key).dump());
  };
  const auto number = [&](const char* key, uint64_t most) {
    const auto& value = json.at(key);
    if (!value.is_number_unsigned() || value.get<uint64_t>() > most) {
      refuse(key, "an integer from 0 to " + std::to_string(most));
    }
    return value.get<uint64_t>();
  };
  const auto text = [&](const char* key) {
    if (!json.at(key).is_string()) refuse(key, "a string");
    return json.at(key).get<std::string>();
  };
  if (!json.is_object()) fail(where, ": expected an object, got ", json.dump());
  Origin origin;
  if (json.contains("path")) origin.path = text("path");
  if (json.contains("prompt")) origin.prompt = text("prompt");
  if (json.contains("seed")) origin.seed = number("seed", kMostSeed);
  if (json.contains("draws")) origin.draws = static_cast<int64_t>(number("draws", kMostDraws));
  return origin;
}

std::vector<Origin> origins_of(const std::string& text, int64_t rows, const std::string& name) {
  if (text.empty()) return std::vector<Origin>(static_cast<size_t>(rows));
  // Config knows how deep and how wild foreign JSON may be.
  const auto config = Config::parse("{\"rows\": " + text + "}", name + ": metadata");
  const auto& json = config.json().at("rows");
  if (!json.is_array() || static_cast<int64_t>(json.size()) != rows) {
    fail(name, ": 'rows' of its metadata is no JSON array of ", rows, " objects, one a row");
  }
  std::vector<Origin> origins;
  for (const auto& each : json) {
    origins.push_back(origin_of(each, name + ": row " + std::to_string(origins.size())));
  }
  return origins;
}

/// Throws Error for a row (of N, D) that no reader takes. `hint` ends the message.
void expect_rows(const at::Tensor& rows, const std::string& name, const std::string& key,
                 const char* hint = "") {
  const auto first = [](const at::Tensor& bad) { return bad.nonzero()[0].item<int64_t>(); };
  const auto infinite = rows.isfinite().all(1).logical_not();
  if (infinite.any().item<bool>()) {
    fail(name, ": row ", first(infinite), " of '", key, "' has a number that is not finite", hint);
  }
  const auto zero = rows.eq(0).all(1);
  if (zero.any().item<bool>()) fail(name, ": row ", first(zero), " of '", key, "' is zero", hint);
}

/// (D) or (N, D) of any floating-point type -> (N, D) float32, copied
at::Tensor checked(const at::Tensor& x, const std::string& name, const std::string& key) {
  if (!x.is_floating_point() || x.dim() < 1 || x.dim() > 2 || x.numel() == 0) {
    fail(name, ": '", key, "': expected floating-point numbers (N, D), N and D at least 1, got ",
         x.scalar_type(), " ", x.sizes());
  }
  const auto rows = ops::empty(x.sizes(), at::kFloat).copy_(x).view({-1, x.size(-1)});
  expect_rows(rows, name, key);
  return rows;
}

/// Nothing is written that could not be read again.
void expect_writable_rows(const Embeddings& embeddings, const std::string& name) {
  constexpr auto kHint = ", and would not be read again; another dtype may help";
  const auto check = [&](const at::Tensor& rows, const char* key) {
    if (rows.defined()) expect_rows(rows, name, key, kHint);
  };
  check(embeddings.image_embedding, "image_embedding");
  check(embeddings.text_embedding, "text_embedding");
  check(embeddings.negative_image_embedding, "negative_image_embedding");
  if (embeddings.start.x_T.defined() && !embeddings.start.x_T.isfinite().all().item<bool>()) {
    fail(name, ": 'x_T' has a number that is not finite", kHint);
  }
}

}  // namespace

int64_t Embeddings::width() const {
  return (image_embedding.defined() ? image_embedding : text_embedding).size(1);
}

Embeddings embeddings_in(const Checkpoint& file) {
  const auto& name = file.name();
  Embeddings e;
  const auto take = [&](const char* key) {
    return file.has(key) ? checked(file.tensor(key), name, key) : at::Tensor();
  };
  e.image_embedding = take("image_embedding");
  e.text_embedding = take("text_embedding");
  if (!e.image_embedding.defined() && !e.text_embedding.defined()) {
    fail(name, ": holds neither 'image_embedding' nor 'text_embedding'; is it an embedding file?");
  }
  e.negative_image_embedding = take("negative_image_embedding");
  const auto& either = e.image_embedding.defined() ? e.image_embedding : e.text_embedding;
  const auto expect_as_either = [&](const at::Tensor& rows, const char* key) {
    if (!rows.defined() || rows.sizes() == either.sizes()) return;
    fail(name, ": expected a '", key, "' of ", either.sizes(), ", as 'image_embedding', found ",
         rows.sizes());
  };
  expect_as_either(e.text_embedding, "text_embedding");
  expect_as_either(e.negative_image_embedding, "negative_image_embedding");
  e.start = start_noise_of(file);
  if (e.start.x_T.defined() && e.start.x_T.size(0) != either.size(0)) {
    fail(name, ": 'x_T' has ", e.start.x_T.size(0), " rows, the embeddings ", either.size(0));
  }
  const auto metadata = file.metadata();
  e.origins = origins_of(string_or(metadata, "rows"), either.size(0), name);
  e.model_name = string_or(metadata, "model_name");
  e.model_hash = string_or(metadata, "model_hash");
  e.text_encoder_hash = string_or(metadata, "text_encoder_hash");
  e.image_encoder_hash = string_or(metadata, "image_encoder_hash");
  e.version = string_or(metadata, "version");
  return e;
}

bool same_space(const Embeddings& a, const Embeddings& b) {
  bool known = false, same = true;
  for (const auto tower : {&Embeddings::text_encoder_hash, &Embeddings::image_encoder_hash}) {
    if ((a.*tower).empty() || (b.*tower).empty()) continue;
    known = true;
    same = same && a.*tower == b.*tower;
  }
  return known ? same : a.model_hash == b.model_hash;
}

Embeddings Embeddings::select(const std::vector<int64_t>& indices) const {
  const auto rows = ops::tensor(indices, at::kLong);
  auto result = *this;
  if (image_embedding.defined()) result.image_embedding = image_embedding.index_select(0, rows);
  if (text_embedding.defined()) result.text_embedding = text_embedding.index_select(0, rows);
  if (negative_image_embedding.defined()) {
    result.negative_image_embedding = negative_image_embedding.index_select(0, rows);
  }
  if (start.x_T.defined()) result.start.x_T = start.x_T.index_select(0, rows);
  result.origins.clear();
  for (const auto i : indices) result.origins.push_back(origins.at(static_cast<size_t>(i)));
  return result;
}

Embeddings Embeddings::repeated(int64_t count) const {
  std::vector<int64_t> indices;
  for (int64_t i = 0; i < rows() * count; ++i) indices.push_back(i / count);
  return select(indices);
}

void expect_no_image(std::string_view bytes, const std::string& name) {
  if (!format_of_bytes(bytes)) return;
  fail(name, ": expected embeddings, found ", describe_image(bytes),
       "; `unclip encode` or `unclip vary` takes it");
}

Embeddings parse_embeddings(std::string_view bytes, const std::string& name) {
  expect_no_image(bytes, name);
  if (!is_npy(bytes)) return embeddings_in(Checkpoint::from_bytes(bytes, name));
  Embeddings e;
  e.image_embedding = checked(parse_npy(bytes, name), name, "the array");
  e.origins.resize(static_cast<size_t>(e.image_embedding.size(0)));
  return e;
}

Embeddings read_embeddings(const std::filesystem::path& path) {
  return parse_embeddings(file_bytes(path), path.string());
}

std::string embedding_bytes(const Embeddings& embeddings, std::map<std::string, at::Tensor> tensors,
                            std::map<std::string, std::string> metadata) {
  expect_writable_rows(embeddings, "the embeddings");
  if (embeddings.image_embedding.defined()) {
    tensors["image_embedding"] = embeddings.image_embedding;
  }
  if (embeddings.text_embedding.defined()) tensors["text_embedding"] = embeddings.text_embedding;
  if (embeddings.negative_image_embedding.defined()) {
    tensors["negative_image_embedding"] = embeddings.negative_image_embedding;
  }
  auto rows = nlohmann::ordered_json::array();
  for (const auto& origin : embeddings.origins) rows.push_back(json_of(origin));
  metadata["rows"] = json_text(rows);
  const auto note = [&](const char* key, const std::string& value) {
    if (!value.empty()) metadata[key] = value;
  };
  note("model_name", embeddings.model_name);
  note("model_hash", embeddings.model_hash);
  note("text_encoder_hash", embeddings.text_encoder_hash);
  note("image_encoder_hash", embeddings.image_encoder_hash);
  note("version", embeddings.version);
  add_start_noise(embeddings.start, tensors, metadata);
  return safetensors_bytes("embeddings", tensors, metadata);
}

std::filesystem::path write_embeddings(const std::filesystem::path& path,
                                       const Embeddings& embeddings, WriteMode mode) {
  if (path.extension() != ".npy") return write_file(path, embedding_bytes(embeddings), mode);
  const bool both =
      embeddings.image_embedding.defined() &&
      (embeddings.text_embedding.defined() || embeddings.negative_image_embedding.defined());
  if (both || embeddings.start.x_T.defined()) {
    fail(path, ": expected a name that ends in .safetensors for ",
         both ? "image and text embeddings" : "embeddings and noise",
         ", as a .npy holds one array");
  }
  expect_writable_rows(embeddings, path.string());
  const bool image = embeddings.image_embedding.defined();
  return write_file(path, npy_bytes(image ? embeddings.image_embedding : embeddings.text_embedding),
                    mode);
}

}  // namespace unclip
