// What the reader of PyTorch's files does with each kind of damage and malice: the cases PK-001 to
// PK-065 of a catalogue that was collected from other readers' defects.

#include <ATen/ATen.h>

#include <algorithm>
#include <map>
#include <set>

#include "tests/support/error_matcher.h"
#include "tests/support/torch_bytes.h"
#include "tests/weights/files.h"
#include "weights/checkpoint.h"

namespace unclip {
namespace {

using namespace testing::torch_bytes;
using testing::error_of;
using testing::mentions;

/// The bytes of a file, and what a message says about it in this order. Without a message the file
/// is read, and has a tensor x of {1, 2}.
struct CatalogueCase {
  const char* id;
  std::string bytes;
  std::vector<std::string> message = {};
};
using Cases = std::vector<CatalogueCase>;

const std::string kGood = torch_x(pair_tensor());
/// "{'x': tensor, 'y': " for a pickle whose second value is what a case is about.
std::string beside_x(const std::string& value) {
  return torch_zip(program(dict({{"x", pair_tensor()}, {"y", value}})));
}
std::string of_program(std::string_view bytes) { return torch_zip(bytes); }
std::string of_body(std::string_view body) { return torch_zip(program(body)); }

std::string with_records(std::vector<Record> more) {
  return torch_zip(program(dict({{"x", pair_tensor()}})), floats({1, 2}), more);
}
Archive archive_of(Record pickle, Record storage) {
  pickle.name = "a/data.pkl";
  pickle.data = program(dict({{"x", pair_tensor()}}));
  storage.name = "a/data/0";
  storage.data = floats({1, 2});
  return {.records = {pickle, storage}};
}
std::string of_records(const Record& pickle, const Record& storage) {
  return zip(archive_of(pickle, storage));
}
std::string with_comment(const std::string& comment) {
  auto archive = archive_of({}, {});
  archive.comment = comment;
  return zip(archive);
}
std::string with_count(uint64_t count) {
  auto archive = archive_of({}, {});
  archive.count = count;
  return zip(archive);
}
Record record_of(const std::string& name, const std::string& data) {
  Record record;
  record.name = name;
  record.data = data;
  return record;
}
/// The last 8 bytes of the file's ZIP64 end record are `value`.
std::string with_directory_at(uint64_t value) {
  auto bytes = kGood;
  const auto end = bytes.rfind("PK\6\6");
  bytes.replace(end + 48, 8, little(value));
  return bytes;
}
Record changed(void (*change)(Record&)) {
  Record record;
  change(record);
  return record;
}

Cases container_cases() {
  const auto deflated = changed([](Record& r) { r.method = 8; });
  const auto encrypted = changed([](Record& r) { r.flags |= 1; });
  const auto other_method = changed([](Record& r) { r.method = 99; });
  const auto other_name = changed([](Record& r) { r.local_name = "a/data.pkk"; });
  const auto other_local = changed([](Record& r) { r.local_method = 8; });
  const auto far = changed([](Record& r) { r.offset = 1u << 30; });
  const auto same = changed([](Record& r) { r.offset = 0; });
  const auto sized = changed([](Record& r) { r.size = 0xFFFFFFFF; });
  const auto wide = changed([](Record& r) {
    r.size = 0xFFFFFFFF;
    r.extra = little<uint16_t>(1) + little<uint16_t>(16) + little(~uint64_t{0} / 2) +
              little(~uint64_t{0} / 2);
  });
  const auto x = dict({{"x", pair_tensor()}});
  return {
      {"PK-001", "", {"has 0 bytes", "file of PyTorch"}},
      {"PK-001", "these are no weights", {"expected a file of PyTorch"}},
      {"PK-001", "version https://git-lfs.github.com/spec/v1\n", {"Git LFS pointer"}},
      {"PK-003", kGood.substr(0, kGood.size() - 22), {"no end record", "cut short"}},
      {"PK-003", with_comment("a comment")},
      {"PK-003", with_comment(std::string("PK\5\6") + std::string(18, '\0')), {"found two"}},
      {"PK-004", of_records({}, wide), {"a/data/0", "9223372036854775807 bytes"}},
      {"PK-004", of_records({}, sized), {"a/data/0", "ZIP64 sizes are missing"}},
      {"PK-004", with_directory_at(~uint64_t{0}), {"directory", "18446744073709551615"}},
      {"PK-005", of_records({}, far), {"a/data/0", "1073741824"}},
      {"PK-005", of_records({}, same), {"a/data/0", "disagree"}},
      {"PK-006", of_records(deflated, {}), {"a/data.pkl", "compressed"}},
      {"PK-007", of_records({}, deflated), {"a/data/0", "compressed"}},
      {"PK-008", of_records(encrypted, {}), {"a/data.pkl", "encrypted"}},
      {"PK-008", of_records({}, other_method), {"a/data/0", "expected the method", "99"}},
      {"PK-009", of_records(other_name, {}), {"a/data.pkl", "disagree"}},
      {"PK-009", of_records({}, other_local), {"a/data/0", "disagree"}},
      // Checksums may be absent in valid files, so nothing is refused for them.
      {"PK-010", kGood},
      {"PK-011", with_records({record_of("b/data.pkl", "")}), {"one data.pkl", "b/data.pkl"}},
      {"PK-011", zip({.records = {record_of("a/x", "")}}), {"expected", "a/data.pkl"}},
      {"PK-011", zip({.records = {record_of("a/b/data.pkl", program(x))}}), {"a/data.pkl"}},
      {"PK-012", with_records({record_of("a/data/0", "")}), {"a/data/0", "twice"}},
      {"PK-013", with_records({record_of("../../x", "")}), {"../../x", "inside the archive"}},
      {"PK-013", with_records({record_of("/etc/x", "")}), {"/etc/x", "inside the archive"}},
      {"PK-013", with_records({record_of("a\\x", "")}), {"inside the archive"}},
      // The version tells nothing that the content does not.
      {"PK-014", with_records({record_of("a/version", "9999")})},
      {"PK-015", with_records({record_of("a/byteorder", "big")}), {"byteorder", "little", "big"}},
      {"PK-015", with_records({record_of("a/byteorder", "little")})},
      {"PK-016", with_count(1'000'000), {"1000000 records"}},
      {"PK-016", with_count(~uint64_t{0}), {"18446744073709551615 records"}},
      {"PK-017", old_torch(x, "]" + text("0") + "a", little<int64_t>(2) + floats({1, 2}))},
      {"PK-017",
       old_torch(x, "]" + text("0") + "a", little<int64_t>(2) + floats({1})),
       {"storage '0'", "cut short"}},
      {"PK-017",
       old_torch(x, "]" + text("0") + "a", little<int64_t>(3) + floats({1, 2, 3})),
       {"storage '0'", "expected 2", "found 3"}},
      {"PK-017", old_torch(x, "]", ""), {"no storage '0'"}},
      {"PK-017", old_torch(x, "]" + text("9") + "a", ""), {"pickle 5", "'9'"}},
      {"PK-017", old_torch(x, "]", "", 1002), {"pickle 2", "1001", "1002"}},
      {"PK-017", old_torch(x, "]", "", 1001, kFalse), {"little-endian"}},
      // A program is not run, but its module's tensors are read: see torch_file_test.cpp.
      {"PK-018", with_records({record_of("a/constants.pkl", "")}), {"module of TorchScript"}},
      {"PK-019", std::string(257, 'x') + "ustar" + std::string(250, '\0'), {"tar archive"}},
  };
}

Cases program_cases() {
  const auto x = text("x") + pair_tensor();
  const auto system = call("posix", "system", {text("touch canary")});
  const auto opcode = [](const char* code) { return std::vector<std::string>{"at byte", code}; };
  Cases cases = {
      {"PK-020", of_program(""), {"data.pkl"}},
      {"PK-020", of_program("\x80\x02}"), {"data.pkl", "expected 1 bytes, found 0"}},
      {"PK-020", of_program(program("}") + "}"), {"data.pkl", "stops after"}},
      {"PK-021", of_program("}."), {"protocol 2 to 5"}},
      {"PK-021", of_program(program("}", 1)), {"protocols 2 to 5", "got 1"}},
      {"PK-021", of_program(program("}", 6)), {"protocols 2 to 5", "got 6"}},
      {"PK-021", of_program(program(dict({{"x", pair_tensor()}}), 4))},
      {"PK-022", of_body("\xff"), {"data.pkl at byte 2", "0xff"}},
      {"PK-025", beside_x(call("torch._utils._rebuild_tensor_v2", "__globals__", {}))},
      {"PK-026", of_body("P0\n"), opcode("0x50")},
      {"PK-027", of_body(integer(1) + ")R"), {"what to call", "an integer"}},
      {"PK-027", of_body("})R"), {"what to call", "a dictionary"}},
      {"PK-028", torch_x(pair_tensor() + "}b"), {"tensor 'x'", "state"}},
      {"PK-028", of_body(integer(1) + "}b"), {"state", "an integer"}},
      {"PK-029", of_body("t"), {"a mark"}},
      {"PK-029", of_body("]e"), {"a mark"}},
      {"PK-029", of_body("}u"), {"a mark"}},
      {"PK-029", of_body("d"), opcode("0x64")},
      {"PK-030", of_body("}(0"), {"on the stack"}},
      {"PK-030", of_body("}(\x85"), {"on the stack"}},
      {"PK-031", of_body("}(" + x + text("y") + "u"), {"keys and values", "3 objects"}},
      {"PK-032", of_body(x + "s"), {"on the stack"}},
      {"PK-032", of_body("]" + x + "s"), {"added to a list"}},
      {"PK-032", torch_x(pair_tensor() + text("a") + text("b") + "s"), {"tensor 'x'", "state"}},
      {"PK-033", of_body("}(" + x + "e"), {"added to a dictionary"}},
      {"PK-034", of_body("}r" + little<uint32_t>(0x7FFFFFFF)), {"memo index 2147483647"}},
      {"PK-035", of_body("h\5"), {"remembered under 5"}},
      {"PK-035", of_body("j" + little<uint32_t>(0x7FFFFFFF)), {"remembered under 2147483647"}},
      {"PK-036",
       of_body("X\xff\xff\xff\xff"
               "abc"),
       {"expected 4294967295 bytes"}},
      {"PK-037", of_body("\x8d" + little(uint64_t{1} << 63)), {"expected 9223372036854775808"}},
      {"PK-037", of_body("\x8e" + little(~uint64_t{0})), {"expected 18446744073709551615"}},
      {"PK-037", of_body("\x96" + little(uint64_t{1} << 63)), {"expected 9223372036854775808"}},
      {"PK-038", of_body("\x8a\xff" + std::string(255, 'a')), {"16 bytes", "255"}},
      {"PK-038", of_body("\x8b" + little<int32_t>(-1)), {"16 bytes", "-1"}},
      {"PK-038", of_body("\x8b" + little<int32_t>(0x7FFFFFFF)), {"16 bytes", "2147483647"}},
      {"PK-039", of_body(")" + std::string(1'000'000, '\x85')), {"found"}},
      {"PK-041", beside_x("]q\1h\1a")},
      {"PK-042", of_body("c" + std::string(10'000'000, 'm')), {"at most 1000 bytes"}},
      {"PK-043", of_body("I12x\n"), opcode("0x49")},
      {"PK-043", of_body("Lx\n"), opcode("0x4c")},
      {"PK-043", of_body("Fx\n"), opcode("0x46")},
      {"PK-044", beside_x(call("torch.jit._pickle", "restore_type_tag", {"]", text("List[int]")}))},
      {"PK-045", of_body("}}"), {"one object", "found 2"}},
      {"PK-045", of_body("}("), {"on the stack"}},
  };
  // Nothing is called: a name of anything else is data, and is skipped where no tensor is expected.
  for (const auto& [module, name] : std::map<std::string, std::string>{{"posix", "system"},
                                                                       {"os", "system"},
                                                                       {"nt", "system"},
                                                                       {"builtins", "eval"},
                                                                       {"__builtin__", "getattr"},
                                                                       {"subprocess", "Popen"}}) {
    cases.push_back({"PK-023", beside_x(call(module, name, {text("touch canary")}))});
  }
  cases.push_back({"PK-023", of_body(system), {"dictionary of tensors", "posix.system"}});
  cases.push_back({"PK-024", beside_x(text("posix") + text("system") + "\x93" +
                                      tuple({text("touch canary")}) + "R")});
  for (const std::string code : {"i", "o", "\x92", "\x82"}) {
    cases.push_back({"PK-024", of_body("(" + text("touch canary") + code), {"which is not read"}});
  }
  // The value is a tuple of the one before, twice, sixty times: 2^60 of them, were they copied.
  std::string doubled = ")q" + std::string(1, '\0');
  for (char i = 0; i < 60; ++i) {
    doubled += std::string("0h") + i + "h" + i + "\x86q" + static_cast<char>(i + 1);
  }
  cases.push_back({"PK-040", beside_x(doubled)});
  return cases;
}

std::string typed(const std::string& type) { return storage(2, "0", type); }
std::string of_tensor(int64_t offset, const std::vector<int64_t>& sizes,
                      const std::vector<int64_t>& strides) {
  return torch_x(tensor(storage(2), offset, sizes, strides));
}

Cases tensor_cases() {
  const int64_t huge = int64_t{1} << 62;
  const std::vector<std::string> outside = {"tensor 'x'", "do not fit", "2 elements"};
  const auto arguments = {storage(2), integer(0), integers({2}), integers({1}), kFalse, kHooks};
  return {
      {"PK-046", of_tensor(0, {3}, {1}), outside},
      {"PK-046", of_tensor(0, {huge, huge}, {0, 0}), outside},
      {"PK-046", of_tensor(0, {0, huge, huge}, {1, 1, 1}), outside},
      {"PK-047", of_tensor(2, {1}, {1}), outside},
      {"PK-047", of_tensor(std::numeric_limits<int64_t>::max(), {2}, {1}), outside},
      {"PK-048", of_tensor(-1, {2}, {1}), {"tensor 'x'", "found -1"}},
      {"PK-049", of_tensor(0, {2}, {int64_t{1} << 40}), outside},
      {"PK-049", of_tensor(0, {3}, {huge}), outside},
      {"PK-049", of_tensor(1, {2}, {-1}), {"tensor 'x'", "found -1"}},
      {"PK-050",
       torch_x(tensor(storage(1 << 28), 0, {1 << 28}, {1})),
       {"a/data/0", "expected 1073741824 bytes", "found 8"}},
      {"PK-051", torch_x(tensor(storage(huge), 0, {2}, {1})), {"tensor 'x'", std::to_string(huge)}},
      {"PK-052", torch_x(tensor(storage(-2), 0, {2}, {1})), {"tensor 'x'", "found -2"}},
      {"PK-052", of_tensor(0, {-2}, {1}), {"tensor 'x'", "found -2"}},
      {"PK-053", of_tensor(0, {2}, {1, 1}), {"tensor 'x'", "1 sizes", "2 strides"}},
      {"PK-054", of_tensor(0, {int64_t{1} << 40}, {0}), {"tensor 'x'", "4398046511104 bytes"}},
      {"PK-055", of_tensor(0, {2, 1}, {1, 2})},  // and ATurnedTensorIsCopiedInOrder
      {"PK-056", torch_x(tensor(typed(integer(250)), 0, {2}, {1})), {"tensor 'x'", "an integer"}},
      {"PK-057",
       torch_x(tensor(typed(name("torch", "ComplexFloatStorage")), 0, {1}, {1})),
       {"tensor 'x'", "torch.ComplexFloatStorage"}},
      {"PK-057",
       torch_x(tensor(typed(name("torch", "QInt8Storage")), 0, {1}, {1})),
       {"tensor 'x'", "torch.QInt8Storage"}},
      {"PK-057",
       torch_x(call("torch._utils", "_rebuild_sparse_tensor", {kNone})),
       {"tensor 'x'", "torch._utils._rebuild_sparse_tensor"}},
      {"PK-057",
       torch_x(call("torch._utils", "_rebuild_qtensor", {kNone})),
       {"tensor 'x'", "torch._utils._rebuild_qtensor"}},
      {"PK-058", torch_x(tensor(storage(2, "7"), 0, {2}, {1})), {"data/7", "none"}},
      {"PK-058",
       torch_x(tensor(storage(2, "../../etc/passwd"), 0, {2}, {1})),
       {"data/../../etc/passwd", "none"}},
      {"PK-058",
       torch_x(tensor(storage(2, std::string_view("0\0", 2)), 0, {2}, {1})),
       {"0\\u0000", "none"}},
      {"PK-059", beside_x(tensor(storage(2), 1, {1}, {1}))},
      {"PK-060",
       torch_x(tensor(storage(2, "0", name("torch", "FloatStorage"), "cuda:99"), 0, {2}, {1}))},
      {"PK-060",
       torch_x(tensor(storage(2, "0", name("torch.cuda", "FloatStorage"), ""), 0, {2}, {1}))},
      // A tensor with attributes is the tensor; another class's function is not one.
      {"PK-061", torch_x(call("torch._tensor", "_rebuild_from_type_v2",
                              {name("torch._utils", "_rebuild_tensor_v2"), name("torch", "Tensor"),
                               tuple(arguments), kNone}))},
      {"PK-061",
       torch_x(call(
           "torch._tensor", "_rebuild_from_type_v2",
           {name("os", "system"), name("torch", "Tensor"), tuple({text("touch canary")}), kNone})),
       {"tensor 'x'", "expected a tensor"}},
      {"PK-062", of_body(dict({{"optimizer", dict({{"y", pair_tensor()}})},
                               {"state_dict", dict({{"x", pair_tensor()}})}}))},
      {"PK-063", of_body("}(" + integer(5) + kNone + text("epoch") + integer(3) + text("lr") + "G" +
                         std::string(8, '\1') + text("deep") + dict({{"y", kNone}}) + text("x") +
                         pair_tensor() + "u")},
      {"PK-064", beside_x(call("numpy.core.multiarray", "scalar",
                               {name("numpy", "dtype"),
                                call("_codecs", "encode", {text("1"), text("latin1")})}))},
  };
}

std::string opened_or_error(const std::string& bytes) {
  return error_of([&] {
    const auto checkpoint = Checkpoint::from_bytes(bytes, "m.bin");
    if (!checkpoint.has("x")) return;
    const auto x = checkpoint.tensor("x");
    EXPECT_TRUE(at::equal(x.flatten(), at::tensor({1.0f, 2.0f})));
  });
}

void expect_case(const CatalogueCase& each) {
  const auto message = opened_or_error(each.bytes);
  if (each.message.empty()) {
    EXPECT_EQ(message, "") << each.id;
    return;
  }
  EXPECT_TRUE(message.starts_with("m.bin")) << each.id << ": " << message;
  size_t at = 0;
  for (const auto& part : each.message) {
    const auto found = message.find(part, at);
    EXPECT_NE(found, message.npos) << each.id << ": '" << message << "' lacks '" << part << "'";
    if (found != message.npos) at = found + part.size();
  }
  EXPECT_EQ(message.find('\n'), message.npos) << each.id;
  EXPECT_LT(message.size(), 700u) << each.id;
}

TEST(TorchCatalogue, EveryCaseIsReadOrRefusedAsItSays) {
  std::filesystem::remove("canary");
  std::set<std::string> ids;
  for (const auto& cases : {container_cases(), program_cases(), tensor_cases()}) {
    for (const auto& each : cases) {
      expect_case(each);
      ids.insert(each.id);
    }
  }
  EXPECT_FALSE(std::filesystem::exists("canary"));
  ids.insert("PK-002");  // below
  ids.insert("PK-065");  // load_test.cpp
  EXPECT_EQ(ids.size(), 65u);
}

// PK-002
TEST(TorchCatalogue, AFileCutShortIsRefused) {
  for (size_t size = 0; size < kGood.size(); ++size) {
    EXPECT_NE(opened_or_error(kGood.substr(0, size)), "") << size;
  }
  const auto old = old_torch(dict({{"x", pair_tensor()}}), "]" + text("0") + "a",
                             little<int64_t>(2) + floats({1, 2}));
  EXPECT_EQ(opened_or_error(old), "");
  for (size_t size = 0; size < old.size(); ++size) {
    EXPECT_NE(opened_or_error(old.substr(0, size)), "") << size;
  }
}

// Every byte of a small file, changed in several ways: it is read or refused, and no sanitiser
// finds anything.
TEST(TorchCatalogue, AChangedByteIsReadOrRefused) {
  int refused = 0;
  for (size_t at = 0; at < kGood.size(); ++at) {
    for (const int change : {0x01, 0x80, 0xff}) {
      auto bytes = kGood;
      bytes[at] = static_cast<char>(bytes[at] ^ change);
      const auto message = error_of([&] {
        const auto checkpoint = Checkpoint::from_bytes(bytes, "m.bin");
        for (const auto& name : checkpoint.names()) checkpoint.tensor(name).sum();
      });
      refused += message.empty() ? 0 : 1;
    }
  }
  EXPECT_GT(refused, 500);
}

TEST(TorchCatalogue, ATurnedTensorIsCopiedInOrder) {
  const auto bytes = torch_x(tensor(storage(6), 0, {3, 2}, {1, 3}), floats({1, 2, 3, 4, 5, 6}));
  const auto x = Checkpoint::from_bytes(bytes, "m.bin").tensor("x");
  EXPECT_TRUE(x.is_contiguous());
  EXPECT_TRUE(at::equal(x, at::tensor({1.f, 4.f, 2.f, 5.f, 3.f, 6.f}).reshape({3, 2})));
}

}  // namespace
}  // namespace unclip
