#include "weights/zip_archive.h"

#include <algorithm>
#include <cstring>
#include <optional>

#include "base/error.h"
#include "weights/tensor_entry.h"

namespace unclip {
namespace {

constexpr uint64_t kMostRecords = 1 << 20;
constexpr uint64_t kMostComment = 0xFFFF;

// The fixed parts of the format's records, in bytes.
constexpr uint64_t kLocalHeader = 30;
constexpr uint64_t kDirectoryEntry = 46;
constexpr uint64_t kEnd = 22;
constexpr uint64_t kEnd64 = 56;
constexpr uint64_t kEnd64Locator = 20;

constexpr std::string_view kLocalHeaderMagic("PK\3\4");
constexpr std::string_view kDirectoryMagic("PK\1\2");
constexpr std::string_view kEndMagic("PK\5\6");
constexpr std::string_view kEnd64Magic("PK\6\6");
constexpr std::string_view kEnd64LocatorMagic("PK\6\7");

constexpr uint16_t kEncrypted = 1;         // general flags
constexpr uint16_t kSizesFollow = 1 << 3;  // the local header has none
constexpr uint16_t kStored = 0, kDeflated = 8;
constexpr uint16_t kZip64Field = 1;

/// Reads the directory of one archive.
class ZipDirectoryReader {
 public:
  ZipDirectoryReader(std::string_view bytes, const std::string& file)
      : bytes_(bytes), file_(file) {}

  std::vector<ZipRecord> read() {
    find_directory();
    std::vector<ZipRecord> records;
    at_ = directory_begin_;
    for (uint64_t i = 0; i < count_; ++i) records.push_back(read_entry());
    expect_no_overlap();
    return records;
  }

 private:
  template <class Integer>
  Integer number(uint64_t at) const {
    Integer value;
    std::memcpy(&value, bytes_.data() + at, sizeof value);
    return value;
  }
  bool has_magic(uint64_t at, std::string_view magic) const {
    return bytes_.substr(at).starts_with(magic);
  }

  /// The end record is the only thing in the file that says where its directory is. A comment may
  /// follow it; if that holds a second one, readers disagree about what the archive holds.
  uint64_t find_end() const {
    std::optional<uint64_t> found;
    const auto size = static_cast<uint64_t>(bytes_.size());
    const auto least = size > kEnd + kMostComment ? size - kEnd - kMostComment : 0;
    for (uint64_t at = size < kEnd ? 0 : size - kEnd + 1; at-- > least;) {
      if (!has_magic(at, kEndMagic)) continue;
      if (number<uint16_t>(at + 20) != size - at - kEnd) continue;
      if (found) fail(file_, ": expected a zip archive with one directory, found two");
      found = at;
    }
    if (!found) {
      fail(file_, ": begins as a zip archive, but has no end record; the file may be cut short");
    }
    return *found;
  }

  void find_directory() {
    const auto end = find_end();
    count_ = number<uint16_t>(end + 10);
    uint64_t size = number<uint32_t>(end + 12);
    directory_begin_ = number<uint32_t>(end + 16);
    uint64_t limit = end;
    if (end >= kEnd64Locator && has_magic(end - kEnd64Locator, kEnd64LocatorMagic)) {
      limit = number<uint64_t>(end - kEnd64Locator + 8);
      if (end - kEnd64Locator < kEnd64 || limit > end - kEnd64Locator - kEnd64 ||
          !has_magic(limit, kEnd64Magic)) {
        fail(file_, ": its ZIP64 locator points to byte ", limit, ", where no end record is");
      }
      if (count_ == 0xFFFF) count_ = number<uint64_t>(limit + 32);
      if (size == 0xFFFFFFFF) size = number<uint64_t>(limit + 40);
      if (directory_begin_ == 0xFFFFFFFF) directory_begin_ = number<uint64_t>(limit + 48);
    }
    if (directory_begin_ > limit || size > limit - directory_begin_) {
      fail(file_, ": its directory would be ", size, " bytes from byte ", directory_begin_,
           ", but its end record is at byte ", limit);
    }
    directory_end_ = directory_begin_ + size;
    if (count_ > kMostRecords || count_ > size / kDirectoryEntry) {
      fail(file_, ": its directory of ", size, " bytes would have ", count_, " records; at most ",
           kMostRecords, " are allowed");
    }
  }

  ZipRecord read_entry() {
    if (directory_end_ - at_ < kDirectoryEntry || !has_magic(at_, kDirectoryMagic)) {
      fail(file_, ": expected a record of its directory at byte ", at_, ", found none");
    }
    const uint64_t name_size = number<uint16_t>(at_ + 28);
    const uint64_t extra_size = number<uint16_t>(at_ + 30);
    const uint64_t rest = name_size + extra_size + number<uint16_t>(at_ + 32);
    if (directory_end_ - at_ - kDirectoryEntry < rest) {
      fail(file_, ": its directory ends within the record at byte ", at_);
    }
    ZipRecord record;
    record.name = bytes_.substr(at_ + kDirectoryEntry, name_size);
    expect_safe_name(record.name);
    uint64_t packed = number<uint32_t>(at_ + 20);
    record.size = number<uint32_t>(at_ + 24);
    uint64_t local = number<uint32_t>(at_ + 42);
    read_zip64(bytes_.substr(at_ + kDirectoryEntry + name_size, extra_size), record.name,
               {&record.size, &packed, &local});
    check_method(record, number<uint16_t>(at_ + 8), number<uint16_t>(at_ + 10), packed);
    record.size = packed;
    record.begin = data_of(record, local, number<uint16_t>(at_ + 10));
    taken_.push_back({local, record.begin + record.size, record.name});
    at_ += kDirectoryEntry + rest;
    return record;
  }

  [[noreturn]] void fail_record(std::string_view name, const std::string& what) const {
    fail(file_, ": record '", shown(name), "': ", what);
  }

  void expect_safe_name(std::string_view name) const {
    const bool plain = !name.empty() && name.front() != '/' &&
                       name.find_first_of(std::string_view("\\\0", 2)) == name.npos;
    for (size_t at = 0; plain && at != name.npos && at < name.size();) {
      const auto end = name.find('/', at);
      if (name.substr(at, end == name.npos ? end : end - at) == "..") break;
      if (end == name.npos) return;
      at = end + 1;
      if (at == name.size()) return;  // a folder
    }
    fail_record(name, "expected a name inside the archive");
  }

  /// Replaces the numbers that did not fit into 32 bits by those of the record's extra field.
  void read_zip64(std::string_view extra, std::string_view name,
                  std::initializer_list<uint64_t*> numbers) const {
    std::string_view field;
    while (extra.size() >= 4) {
      uint16_t id = 0, size = 0;
      std::memcpy(&id, extra.data(), 2);
      std::memcpy(&size, extra.data() + 2, 2);
      extra.remove_prefix(4);
      if (id == kZip64Field) field = extra.substr(0, size);
      extra.remove_prefix(std::min<size_t>(size, extra.size()));
    }
    for (auto* number : numbers) {
      if (*number != 0xFFFFFFFF) continue;
      if (field.size() < 8) fail_record(name, "its ZIP64 sizes are missing");
      std::memcpy(number, field.data(), 8);
      field.remove_prefix(8);
    }
  }

  void check_method(ZipRecord& record, uint16_t flags, uint16_t method, uint64_t packed) const {
    if ((flags & kEncrypted) != 0) fail_record(record.name, "is encrypted");
    if (method != kStored && method != kDeflated) {
      fail_record(record.name, "expected the method 0 (stored) or 8 (deflated), found " +
                                   std::to_string(method));
    }
    record.deflated = method == kDeflated;
    if (!record.deflated && packed != record.size) {
      fail_record(record.name, "is stored as it is, but has " + std::to_string(packed) +
                                   " bytes of " + std::to_string(record.size));
    }
  }

  /// Where the record's data begin, which only its local header tells: its extra fields are others.
  uint64_t data_of(const ZipRecord& record, uint64_t local, uint16_t method) const {
    const auto limit = directory_begin_;
    if (local > limit || limit - local < kLocalHeader || !has_magic(local, kLocalHeaderMagic)) {
      fail_record(record.name,
                  "expected its header at byte " + std::to_string(local) + ", found none");
    }
    const uint64_t name_size = number<uint16_t>(local + 26);
    const uint64_t rest = name_size + number<uint16_t>(local + 28);
    if (limit - local - kLocalHeader < rest || limit - local - kLocalHeader - rest < record.size) {
      fail_record(record.name, "has " + std::to_string(record.size) + " bytes from byte " +
                                   std::to_string(local) + ", but the directory begins at byte " +
                                   std::to_string(limit));
    }
    const bool has_sizes = (number<uint16_t>(local + 6) & kSizesFollow) == 0;
    const auto packed = number<uint32_t>(local + 18);
    if (bytes_.substr(local + kLocalHeader, name_size) != record.name ||
        number<uint16_t>(local + 8) != method ||
        (has_sizes && packed != 0xFFFFFFFF && packed != record.size)) {
      fail_record(record.name,
                  "its header and the directory disagree about its name, method or "
                  "size");
    }
    return local + kLocalHeader + rest;
  }

  void expect_no_overlap() {
    std::sort(taken_.begin(), taken_.end(),
              [](const auto& a, const auto& b) { return a.begin < b.begin; });
    for (size_t i = 1; i < taken_.size(); ++i) {
      if (taken_[i].begin >= taken_[i - 1].end) continue;
      fail_record(taken_[i].name, "begins inside record '" + shown(taken_[i - 1].name) + "'");
    }
  }

  struct Taken {
    uint64_t begin, end;
    std::string_view name;
  };

  std::string_view bytes_;
  const std::string& file_;
  uint64_t count_ = 0;
  uint64_t directory_begin_ = 0, directory_end_ = 0;
  uint64_t at_ = 0;
  std::vector<Taken> taken_;
};

}  // namespace

ZipArchive ZipArchive::parse(std::string_view bytes, const std::string& file) {
  ZipArchive archive;
  archive.records_ = ZipDirectoryReader(bytes, file).read();
  for (size_t i = 0; i < archive.records_.size(); ++i) {
    const auto name = archive.records_[i].name;
    if (!archive.by_name_.emplace(name, i).second) {
      fail(file, ": record '", shown(name), "' stands there twice");
    }
  }
  return archive;
}

const ZipRecord* ZipArchive::find(std::string_view name) const {
  const auto it = by_name_.find(name);
  return it == by_name_.end() ? nullptr : &records_[it->second];
}

}  // namespace unclip
