#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace unclip {

/// A file in a zip archive.
struct ZipRecord {
  std::string_view name;  // of the archive's own bytes
  uint64_t begin = 0;     // of its data in the archive
  uint64_t size = 0;      // of its data, as they lie there
  bool deflated = false;  // else stored: the data are the file
};

/// The directory of a zip archive, also in ZIP64 form. Nothing is decompressed, and nothing is
/// written anywhere.
/// https://pkware.cachefly.net/webdocs/casestudies/APPNOTE.TXT
class ZipArchive {
 public:
  /// The bytes are not trusted, and must outlive the result. Throws Error that names `file` and the
  /// record unless there is one directory, of at most 2^20 records, whose names are unique and stay
  /// inside the archive; each record is stored or deflated, not encrypted, and agrees with its
  /// local header; and no two share a byte. Checksums are not compared.
  static ZipArchive parse(std::string_view bytes, const std::string& file);

  /// In the order of the directory.
  const std::vector<ZipRecord>& records() const { return records_; }
  /// Null if there is no record of that name.
  const ZipRecord* find(std::string_view name) const;

 private:
  std::vector<ZipRecord> records_;
  std::unordered_map<std::string_view, size_t> by_name_;
};

}  // namespace unclip
