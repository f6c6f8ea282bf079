#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <string>
#include <utility>
#include <vector>

namespace unclip {

class ModelDir;

/// What can be told about a part before any of its weights are read.
struct PartInfo {
  std::string name;
  std::string class_name;
  std::filesystem::path folder;                                   // empty where the part is missing
  std::vector<std::pair<std::filesystem::path, uint64_t>> files;  // configs, then weights; bytes
  uint64_t bytes = 0;                                             // of all files
  int64_t parameters = 0;                                         // numbers in its tensors
  std::map<std::string, int64_t> dtypes;  // "BF16" -> how many of those numbers
  std::string need;                       // empty: it can run; else what stands in the way
};

/// Every part of the model's layout, in that order, missing ones too. Trouble with a part's
/// files is told in its `need`, never thrown.
std::vector<PartInfo> part_infos(const ModelDir& model);

/// What a picture's metadata calls the model by: SHA-256, in hexadecimal, of what decides about its
/// pictures. For each part that the model has, in the order of the layout, and within it each
/// config file in the order of PartSpec::configs and each weight file by name, it takes in
///   "PART/FILE", a zero byte, the number of bytes that follow as 8 bytes, little-endian; and
///   these: of a config all bytes; of a weight file the header (length word and JSON), then of the
///   tensors' bytes the first 64 KiB and the last 64 KiB (twice the same where there are fewer).
/// Throws Error where a part that is there has weights that cannot be opened.
std::string model_hash(const ModelDir& model);
/// The same of the weight files of one part alone; empty where the model lacks it.
std::string weights_hash(const ModelDir& model, const std::string& part);

}  // namespace unclip
