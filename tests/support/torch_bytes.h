#pragma once

#include <cstdint>
#include <cstring>
#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace unclip::testing {

// The bytes of PyTorch's files, put together by hand: whatever the test says, right or wrong. A
// piece of a pickle is the opcodes that push one object.
namespace torch_bytes {

template <class Integer>
std::string little(Integer value) {
  return {reinterpret_cast<const char*>(&value), sizeof value};
}

inline std::string text(std::string_view value) {
  return "X" + little(static_cast<uint32_t>(value.size())) + std::string(value);
}
inline std::string integer(int64_t value) {
  if (value == static_cast<int32_t>(value)) return "J" + little(static_cast<int32_t>(value));
  return "\x8a\x08" + little(value);
}
inline std::string name(std::string_view module, std::string_view name) {
  return "c" + std::string(module) + "\n" + std::string(name) + "\n";
}
inline std::string tuple(std::initializer_list<std::string> items) {
  std::string all = "(";
  for (const auto& item : items) all += item;
  return all + "t";
}
inline std::string integers(const std::vector<int64_t>& values) {
  std::string all = "(";
  for (const auto value : values) all += integer(value);
  return all + "t";
}
using Pairs = std::vector<std::pair<std::string, std::string>>;
/// Keys are texts.
inline std::string dict(const Pairs& pairs) {
  std::string all = "}(";
  for (const auto& [key, value] : pairs) all += text(key) + value;
  return all + "u";
}
inline std::string call(std::string_view module, std::string_view function,
                        std::initializer_list<std::string> arguments) {
  return name(module, function) + tuple(arguments) + "R";
}
inline const std::string kFalse = "\x89";
inline const std::string kNone = "N";
inline const std::string kHooks = name("collections", "OrderedDict") + ")R";

inline std::string storage(int64_t numel, std::string_view key = "0",
                           const std::string& type = name("torch", "FloatStorage"),
                           std::string_view location = "cpu") {
  return tuple({text("storage"), type, text(key), text(location), integer(numel)}) + "Q";
}
inline std::string tensor(const std::string& storage, int64_t offset,
                          const std::vector<int64_t>& sizes, const std::vector<int64_t>& strides) {
  return call("torch._utils", "_rebuild_tensor_v2",
              {storage, integer(offset), integers(sizes), integers(strides), kFalse, kHooks});
}
/// float32 [2], the storage "0".
inline std::string pair_tensor() { return tensor(storage(2), 0, {2}, {1}); }

inline std::string program(std::string_view body, char protocol = 2) {
  return "\x80" + std::string(1, protocol) + std::string(body) + ".";
}

/// A record of an archive. What is set differs from what would be right.
struct Record {
  std::string name, data;
  uint16_t method = 0;
  uint16_t flags = 0x0808;  // sizes follow, as torch writes it
  std::optional<uint16_t> local_method = {};
  std::optional<std::string> local_name = {};
  std::optional<uint32_t> offset = {};
  std::optional<uint32_t> size = {};
  std::string extra = {};        // of the directory
  std::string local_extra = {};  // of the local header
};

struct Archive {
  std::vector<Record> records;
  std::string comment = {};
  bool zip64 = true;
  std::optional<uint64_t> count = {};
};

inline std::string zip(const Archive& archive) {
  std::string bytes, directory;
  for (const auto& record : archive.records) {
    const auto begin = static_cast<uint32_t>(bytes.size());
    const auto own_name = record.local_name.value_or(record.name);
    bytes += "PK\3\4" + little<uint16_t>(0) + little(record.flags) +
             little(record.local_method.value_or(record.method)) + std::string(16, '\0') +
             little(static_cast<uint16_t>(own_name.size())) +
             little(static_cast<uint16_t>(record.local_extra.size())) + own_name +
             record.local_extra + record.data;
    const auto size = record.size.value_or(static_cast<uint32_t>(record.data.size()));
    directory += std::string("PK\1\2") + std::string(4, '\0') + little(record.flags) +
                 little(record.method) + std::string(8, '\0') + little(size) + little(size) +
                 little(static_cast<uint16_t>(record.name.size())) +
                 little(static_cast<uint16_t>(record.extra.size())) + std::string(10, '\0') +
                 little(record.offset.value_or(begin)) + record.name + record.extra;
  }
  const auto begin = bytes.size();
  const uint64_t count = archive.count.value_or(archive.records.size());
  bytes += directory;
  if (archive.zip64) {
    const auto end = bytes.size();
    bytes += "PK\6\6" + little<uint64_t>(44) + std::string(12, '\0') + little(count) +
             little(count) + little<uint64_t>(directory.size()) + little<uint64_t>(begin);
    bytes += "PK\6\7" + little<uint32_t>(0) + little<uint64_t>(end) + little<uint32_t>(1);
  }
  const auto narrow = [&](uint64_t value, uint64_t most) {
    return archive.zip64 ? most : std::min(value, most);
  };
  bytes += std::string("PK\5\6") + std::string(4, '\0') +
           little(static_cast<uint16_t>(narrow(count, 0xFFFF))) +
           little(static_cast<uint16_t>(narrow(count, 0xFFFF))) +
           little(static_cast<uint32_t>(narrow(directory.size(), 0xFFFFFFFF))) +
           little(static_cast<uint32_t>(narrow(begin, 0xFFFFFFFF))) +
           little(static_cast<uint16_t>(archive.comment.size())) + archive.comment;
  return bytes;
}

/// The bytes of float32 numbers.
inline std::string floats(const std::vector<float>& values) {
  return {reinterpret_cast<const char*>(values.data()), values.size() * sizeof(float)};
}

/// A file of torch.save with one storage, {1, 2} unless others are given.
inline std::string torch_zip(std::string_view pickle, const std::string& data = floats({1, 2}),
                             const std::vector<Record>& more = {}) {
  Archive archive{.records = {{"a/data.pkl", std::string(pickle)}, {"a/data/0", data}}};
  archive.records.insert(archive.records.end(), more.begin(), more.end());
  return zip(archive);
}
/// The same of a dictionary, {"x": value}.
inline std::string torch_x(const std::string& value, const std::string& data = floats({1, 2})) {
  return torch_zip(program(dict({{"x", value}})), data);
}

/// A file of torch.save before 1.6 with one storage.
inline std::string old_torch(const std::string& object, const std::string& keys,
                             const std::string& storages, int64_t protocol = 1001,
                             const std::string& little_endian = "\x88") {
  return std::string("\x80\x02\x8a\x0a\x6c\xfc\x9c\x46\xf9\x20\x6a\xa8\x50\x19.") +
         program(integer(protocol)) + program(dict({{"little_endian", little_endian}})) +
         program(object) + program(keys) + storages;
}

}  // namespace torch_bytes
}  // namespace unclip::testing
