#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace unclip {

enum class PickleKind : uint8_t {
  kNone,
  kBool,
  kInteger,
  kLongInteger,  // more than 64 bits
  kFloat,
  kText,
  kBytes,
  kTuple,
  kList,
  kSet,
  kDict,
  kName,        // a class or a function of Python, which is not looked up
  kPersistent,  // what the writer keeps outside the pickle, by its id
  kCall,        // a call or an object that Python would make; it is not made
};

/// The position of an object in its Pickle.
using PickleIndex = uint32_t;

struct PickleObject {
  PickleKind kind = PickleKind::kNone;
  uint32_t at = 0;        // of the opcode that made it
  int64_t integer = 0;    // of kBool and kInteger
  double real = 0;        // of kFloat
  std::string_view text;  // of kText, kBytes and kLongInteger; of kName the module
  std::string_view name;  // of kName
  /// Of a tuple, list or set its items; of a dictionary key, value, key, value, ... as they came;
  /// of kPersistent the id; of kCall what is called, its arguments, and then everything that was
  /// done to the result: states, appended items.
  std::vector<PickleIndex> items;
};

/// The objects that a pickle describes, as data. Objects refer to each other by index, so neither
/// depth nor cycles need care, and an object that is used twice is there once.
class Pickle {
 public:
  /// Reads one pickle from the front of `bytes`, protocols 2 to 5, and runs none of it: names are
  /// not imported and nothing is called. Only `collections.OrderedDict` becomes a dictionary. The
  /// bytes are not trusted, and must outlive the result, whose texts are views of them. Messages
  /// begin with `where`, as in "decoder.ckpt: data.pkl at byte 1042: ...". Throws Error for an
  /// opcode that is not read (see docs/MODELS.md), one that does not find what it needs, a length
  /// past the end, and more than 2^26 bytes, 2^20 objects or 2^22 items.
  static Pickle read(std::string_view bytes, const std::string& where);

  const PickleObject& operator[](PickleIndex index) const { return objects_[index]; }
  PickleIndex root() const { return root_; }
  const std::vector<PickleObject>& objects() const { return objects_; }
  /// The bytes of the pickle; others may follow.
  uint64_t size() const { return size_; }

  bool is(PickleIndex index, PickleKind kind) const { return objects_[index].kind == kind; }
  /// The value at the text `key` of a dictionary, the last one if there are several; null if there
  /// is none.
  const PickleIndex* find(const PickleObject& dict, std::string_view key) const;
  /// What the object is, for messages: "an integer", "a dictionary", "posix.system".
  std::string describe(PickleIndex index) const;

 private:
  friend class PickleMachine;
  std::vector<PickleObject> objects_;
  PickleIndex root_ = 0;
  uint64_t size_ = 0;
};

}  // namespace unclip
