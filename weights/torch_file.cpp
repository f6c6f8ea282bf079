#include "weights/torch_file.h"

#include <algorithm>
#include <cstring>
#include <map>
#include <set>
#include <utility>

#include "base/error.h"
#include "weights/torch_state.h"
#include "weights/zip_archive.h"

namespace unclip {
namespace {

constexpr std::string_view kZipMagic("PK\3\4");
constexpr std::string_view kEmptyZipMagic("PK\5\6");
/// The first of the pickles that torch.save wrote before 1.6: the number 119547037146038801333356.
constexpr std::string_view kOldMagic(
    "\x80\x02\x8a\x0a\x6c\xfc\x9c\x46\xf9\x20\x6a\xa8\x50\x19\x2e");
constexpr int64_t kOldProtocol = 1001;

std::string_view data_of(std::string_view bytes, const ZipRecord& record, const std::string& file) {
  if (record.deflated) {
    fail(file, ": record '", shown(record.name),
         "': expected it stored as it is, found it compressed");
  }
  return bytes.substr(record.begin, record.size);
}

/// The folder of all records, with a slash.
std::string archive_root(const ZipArchive& archive, const std::string& file) {
  const auto& records = archive.records();
  std::string root;
  if (!records.empty()) root = records[0].name.substr(0, records[0].name.find('/'));
  root += '/';
  if (archive.find(root + "data.pkl") == nullptr) {
    const bool old = archive.find(root + "attributes.pkl") || archive.find(root + "model.json");
    fail(file, ": expected the record '", shown(root + "data.pkl"), "', found ",
         old ? "an archive of TorchScript before 1.4, which is not read"
             : "a zip archive of something else");
  }
  for (const auto& record : records) {
    const bool data = record.name == "data.pkl" || record.name.ends_with("/data.pkl");
    if (data && record.name != root + "data.pkl") {
      fail(file, ": expected one data.pkl, found also '", shown(record.name), "'");
    }
  }
  return root;
}

void expect_little_endian(std::string_view bytes, const ZipArchive& archive,
                          const std::string& root, const std::string& file) {
  const auto* order = archive.find(root + "byteorder");
  if (order == nullptr) return;  // before 2.1
  const auto found = data_of(bytes, *order, file);
  if (found != "little")
    fail(file, ": byteorder: expected \"little\", found \"", shown(found), "\"");
}

TensorFileContent finish(TorchState state, std::string format) {
  TensorFileContent content;
  content.format = std::move(format);
  content.entries = std::move(state.entries);
  content.skipped = std::move(state.skipped);
  return content;
}

TensorFileContent parse_archive(std::string_view bytes, const std::string& file) {
  const auto archive = ZipArchive::parse(bytes, file);
  const auto root = archive_root(archive, file);
  expect_little_endian(bytes, archive, root, file);
  const FindStorage find_storage = [&](const TorchStorageId& id) -> TorchStorage {
    const auto* record = archive.find(root + "data/" + std::string(id.key.substr(0, 100)));
    if (record == nullptr)
      fail(file, ": expected the record 'data/", shown(id.key), "', found none");
    const uint64_t size = id.whole_numel * id.element_bytes();
    if (data_of(bytes, *record, file).size() < size) {
      fail(file, ": record '", shown(record->name), "': expected ", size, " bytes, found ",
           record->size);
    }
    return {record->begin + id.offset * id.element_bytes(), id.numel * id.element_bytes()};
  };
  const auto& program = *archive.find(root + "data.pkl");
  const auto where = file + ": data.pkl";
  const auto pickle = Pickle::read(data_of(bytes, program, file), where);
  if (pickle.size() != program.size) {
    fail(where, ": expected ", program.size, " bytes, but it stops after ", pickle.size());
  }
  const bool script = archive.find(root + "constants.pkl") != nullptr;
  auto content = finish(script ? read_script_state(pickle, find_storage, where)
                               : read_torch_state(pickle, find_storage, where),
                        script ? "TorchScript" : "PyTorch");
  content.head_begin = program.begin;
  content.head_end = program.begin + program.size;
  return content;
}

/// Reads the pickles of a file of before 1.6 one after another, and the storages after them.
class OldTorchFileReader {
 public:
  OldTorchFileReader(std::string_view bytes, const std::string& file)
      : bytes_(bytes), file_(file) {}

  TensorFileContent read() {
    next("pickle 1");
    const auto protocol = next("pickle 2");
    const auto& number = protocol[protocol.root()];
    if (number.kind != PickleKind::kInteger || number.integer != kOldProtocol) {
      fail(file_, ": pickle 2: expected the protocol ", kOldProtocol, ", found ",
           number.kind == PickleKind::kInteger ? std::to_string(number.integer)
                                               : protocol.describe(protocol.root()));
    }
    expect_system(next("pickle 3"));
    const auto where = file_ + ": pickle 4";
    const auto object = next("pickle 4");
    read_ids(object, where);
    const auto keys = next("pickle 5");
    const auto head_end = at_;
    place_storages(keys);
    const FindStorage find_storage = [&](const TorchStorageId& id) -> TorchStorage {
      const auto it = places_.find(id.key);
      if (it == places_.end()) fail(file_, ": has no storage '", shown(id.key), "'");
      return {it->second + id.offset * id.element_bytes(), id.numel * id.element_bytes()};
    };
    auto content = finish(read_torch_state(object, find_storage, where), "PyTorch before 1.6");
    content.head_end = head_end;
    return content;
  }

 private:
  Pickle next(const char* what) {
    auto pickle = Pickle::read(bytes_.substr(at_), file_ + ": " + what);
    at_ += pickle.size();
    return pickle;
  }

  void expect_system(const Pickle& system) const {
    const auto& dict = system[system.root()];
    const auto* little =
        dict.kind == PickleKind::kDict ? system.find(dict, "little_endian") : nullptr;
    if (little == nullptr || !system.is(*little, PickleKind::kBool)) {
      fail(file_, ": pickle 3: expected a dictionary with 'little_endian', found none");
    }
    if (system[*little].integer == 0) fail(file_, ": expected little-endian numbers, found others");
  }

  void read_ids(const Pickle& object, const std::string& where) {
    for (PickleIndex i = 0; i < object.objects().size(); ++i) {
      if (!object.is(i, PickleKind::kPersistent)) continue;
      const auto id = read_storage_id(object, i, where);
      if (!id) continue;  // a module's source
      const auto [it, is_new] = ids_.emplace(id->key, *id);
      if (!is_new && (it->second.dtype != id->dtype || it->second.whole_numel != id->whole_numel)) {
        fail(where, ": storage '", shown(id->key), "' is named with two types or sizes");
      }
    }
  }

  /// The list of keys says in which order the storages follow.
  void place_storages(const Pickle& keys) {
    const auto& list = keys[keys.root()];
    if (list.kind != PickleKind::kList) {
      fail(file_, ": pickle 5: expected a list of storages, found ", keys.describe(keys.root()));
    }
    for (const auto item : list.items) {
      const auto& key = keys[item];
      const auto id = key.kind == PickleKind::kText ? ids_.find(key.text) : ids_.end();
      if (id == ids_.end()) {
        fail(file_, ": pickle 5: expected the keys of its storages, found ",
             key.kind == PickleKind::kText ? "'" + shown(key.text) + "'" : keys.describe(item));
      }
      const auto& storage = id->second;
      const uint64_t size = storage.whole_numel * storage.element_bytes();
      uint64_t numel = 0;
      const bool has_count = bytes_.size() - at_ >= sizeof numel;
      if (has_count) std::memcpy(&numel, bytes_.data() + at_, sizeof numel);
      if (!has_count || bytes_.size() - at_ - sizeof numel < size) {
        fail(file_, ": ends within storage '", shown(key.text), "' of ", size,
             " bytes; the file may be cut short");
      }
      if (numel != storage.whole_numel) {
        fail(file_, ": storage '", shown(key.text), "': expected ", storage.whole_numel,
             " elements, found ", numel);
      }
      if (!places_.emplace(id->first, at_ + sizeof numel).second) {
        fail(file_, ": pickle 5: storage '", shown(key.text), "' stands there twice");
      }
      at_ += sizeof numel + size;
    }
  }

  std::string_view bytes_;
  const std::string& file_;
  uint64_t at_ = 0;
  std::map<std::string, TorchStorageId, std::less<>> ids_;
  std::map<std::string, uint64_t, std::less<>> places_;  // key -> its first element
};

}  // namespace

bool is_torch_name(const std::filesystem::path& path) {
  static const std::set<std::string> endings = {".bin", ".ckpt", ".pt", ".pth", ".th"};
  return endings.contains(path.extension().string());
}

bool is_torch_file(std::string_view bytes) {
  return bytes.starts_with(kZipMagic) || bytes.starts_with(kEmptyZipMagic) ||
         bytes.starts_with(kOldMagic);
}

TensorFileContent parse_torch_file(std::string_view bytes, const std::string& file) {
  return bytes.starts_with(kOldMagic) ? OldTorchFileReader(bytes, file).read()
                                      : parse_archive(bytes, file);
}

}  // namespace unclip
