#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <string>
#include <utility>
#include <vector>

namespace unclip {

class ModelDir;

/// What is known about a part before its weights are read.
struct PartInfo {
  std::string name;
  std::string class_name;
  std::filesystem::path folder;                                   // empty: the part is missing
  std::vector<std::pair<std::filesystem::path, uint64_t>> files;  // configs, then weights; bytes
  uint64_t bytes = 0;      // of all files; of files that several parts share, of its tensors
  std::string format;      // of its weights: "safetensors"
  int64_t parameters = 0;  // numbers in its tensors
  std::map<std::string, int64_t> dtypes;  // "BF16" -> count of those numbers
  std::string need;  // empty: the part can run; otherwise what is missing or wrong
};

/// Every part of the model's layout, in that order, including missing ones. Problems with a part's
/// files are reported in its `need`, never thrown.
std::vector<PartInfo> part_infos(const ModelDir& model);

/// The identifier of the model in an image's metadata: a SHA-256, in hexadecimal, of everything
/// that its images depend on. For each part that the model has, in the order of the layout, and in
/// each part for each config file in the order of PartSpec::configs and each weight file by name,
/// it hashes
///   "PART/FILE", a zero byte, the number of bytes that follow as 8 bytes, little-endian; and then:
///   of a config all bytes; of a weight file TensorFile::header_bytes(), then the first 64 KiB and
///   the last 64 KiB of TensorFile::tensor_bytes() (all of them twice if there are fewer).
/// Throws Error if the weights of a part that exists cannot be opened.
std::string model_hash(const ModelDir& model);
/// The same hash of only the weight files of one part; empty if the model lacks the part.
std::string weights_hash(const ModelDir& model, const std::string& part);

}  // namespace unclip
