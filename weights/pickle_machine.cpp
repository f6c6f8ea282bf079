#include <array>
#include <bit>
#include <cstdio>
#include <cstring>
#include <initializer_list>
#include <limits>
#include <utility>

#include "base/error.h"
#include "weights/pickle.h"
#include "weights/pickle_opcodes.h"

namespace unclip {

namespace {

constexpr uint64_t kMostBytes = 1 << 26;
constexpr size_t kMostObjects = 1 << 20;
constexpr size_t kMostItems = 1 << 22;
constexpr size_t kMostLongBytes = 16;
constexpr size_t kMostNameBytes = 1000;
constexpr PickleIndex kUnset = std::numeric_limits<PickleIndex>::max();

}  // namespace

/// The stack machine of one pickle. Each opcode makes at most one object; all loops run over what
/// the pickle itself put on the stack.
class PickleMachine {
 public:
  PickleMachine(std::string_view bytes, const std::string& where)
      : bytes_(bytes.substr(0, kMostBytes)), where_(where) {}

  Pickle run() {
    while (!stopped_) {
      opcode_at_ = at_;
      step(static_cast<PickleOp>(number<uint8_t>()));
    }
    result_.size_ = at_;
    return std::move(result_);
  }

 private:
  [[noreturn]] void refuse(const std::string& what) const {
    fail(where_, " at byte ", opcode_at_, ": ", what);
  }

  // --- Bytes of the pickle ---

  std::string_view take(uint64_t size) {
    if (size > bytes_.size() - at_) {
      refuse("expected " + std::to_string(size) + " bytes, found " +
             std::to_string(bytes_.size() - at_) +
             (bytes_.size() == kMostBytes ? " of the first 2^26 that are read" : ""));
    }
    const auto piece = bytes_.substr(at_, size);
    at_ += size;
    return piece;
  }
  template <class Integer>
  Integer number() {
    Integer value;
    const auto piece = take(sizeof value);
    std::memcpy(&value, piece.data(), sizeof value);
    return value;
  }
  std::string_view line() {
    const auto end = bytes_.substr(at_, kMostNameBytes + 1).find('\n');
    if (end == std::string_view::npos)
      refuse("expected a name of at most 1000 bytes and a newline");
    const auto text = take(end);
    take(1);
    return text;
  }

  // --- Objects ---

  PickleObject& make(PickleKind kind) {
    if (result_.objects_.size() == kMostObjects) {
      refuse("expected at most " + std::to_string(kMostObjects) + " objects");
    }
    stack_.push_back(static_cast<PickleIndex>(result_.objects_.size()));
    auto& object = result_.objects_.emplace_back();
    object.kind = kind;
    object.at = static_cast<uint32_t>(opcode_at_);
    return object;
  }
  PickleObject& object(PickleIndex index) { return result_.objects_[index]; }
  void make_integer(int64_t value) { make(PickleKind::kInteger).integer = value; }
  void make_text(PickleKind kind, std::string_view text) { make(kind).text = text; }
  void make_name(std::string_view module, std::string_view name) {
    auto& made = make(PickleKind::kName);
    made.text = module;
    made.name = name;
  }
  /// Two's complement, little-endian.
  void make_long(std::string_view digits) {
    if (digits.size() > sizeof(int64_t)) return make_text(PickleKind::kLongInteger, digits);
    uint64_t value = !digits.empty() && (digits.back() & 0x80) != 0 ? ~uint64_t{0} : 0;
    std::memcpy(&value, digits.data(), digits.size());
    make_integer(static_cast<int64_t>(value));
  }
  void make_float() {
    uint64_t bits = 0;
    for (const auto byte : take(8)) bits = bits << 8 | static_cast<uint8_t>(byte);
    make(PickleKind::kFloat).real = std::bit_cast<double>(bits);
  }
  void make_long_of(int64_t size) {
    if (size < 0 || size > static_cast<int64_t>(kMostLongBytes)) {
      refuse("expected an integer of at most 16 bytes, got " + std::to_string(size));
    }
    make_long(take(static_cast<uint64_t>(size)));
  }

  // --- The stack ---

  size_t floor() const { return marks_.empty() ? 0 : marks_.back(); }
  PickleIndex pop(const char* for_what) {
    if (stack_.size() <= floor()) refuse(std::string("expected ") + for_what + " on the stack");
    const auto top = stack_.back();
    stack_.pop_back();
    return top;
  }
  PickleIndex top(const char* for_what) {
    const auto index = pop(for_what);
    stack_.push_back(index);
    return index;
  }
  /// Everything above the last mark, which it removes.
  std::vector<PickleIndex> pop_to_mark() {
    if (marks_.empty()) refuse("expected a mark on the stack");
    const auto from = stack_.begin() + static_cast<std::ptrdiff_t>(marks_.back());
    std::vector<PickleIndex> items(from, stack_.end());
    stack_.erase(from, stack_.end());
    marks_.pop_back();
    return items;
  }
  void mark() {
    if (marks_.size() == kMostObjects) refuse("the stack has too many marks");
    marks_.push_back(stack_.size());
  }
  std::vector<PickleIndex> pop_count(size_t count) {
    std::vector<PickleIndex> items(count);
    while (count > 0) items[--count] = pop("an item of a tuple");
    return items;
  }
  void append(PickleIndex to, const std::vector<PickleIndex>& items) {
    items_ += items.size();
    if (items_ > kMostItems) refuse("expected at most " + std::to_string(kMostItems) + " items");
    auto& all = object(to).items;
    all.insert(all.end(), items.begin(), items.end());
  }
  void make_with(PickleKind kind, const std::vector<PickleIndex>& items) {
    make(kind);
    append(stack_.back(), items);
  }

  // --- Opcodes that change what is below them ---

  /// Objects that Python would make keep what is done to them, without a meaning.
  void add_to(PickleKind kind, const std::vector<PickleIndex>& items) {
    const auto to = top("an object to add to");
    if (object(to).kind != kind && object(to).kind != PickleKind::kCall) {
      refuse("items are added to " + result_.describe(to));
    }
    append(to, items);
  }
  void set_items(const std::vector<PickleIndex>& items) {
    if (items.size() % 2 != 0) {
      refuse("expected keys and values, got " + std::to_string(items.size()) + " objects");
    }
    add_to(PickleKind::kDict, items);
  }
  void call() {
    const auto arguments = pop("arguments");
    const auto callee = pop("what to call");
    if (!result_.is(callee, PickleKind::kName) && !result_.is(callee, PickleKind::kCall)) {
      refuse("expected the name of what to call, found " + result_.describe(callee));
    }
    if (!result_.is(arguments, PickleKind::kTuple)) {
      refuse("expected a tuple of arguments, found " + result_.describe(arguments));
    }
    const auto& name = object(callee);
    if (name.text == "collections" && name.name == "OrderedDict") return make_dict(arguments);
    make_with(PickleKind::kCall, {callee, arguments});
  }
  /// OrderedDict(), or OrderedDict([(key, value), ...]) of very old files.
  void make_dict(PickleIndex arguments) {
    std::vector<PickleIndex> items;
    const auto& given = object(arguments).items;
    if (given.size() > 1) refuse("expected one list of pairs for an OrderedDict");
    for (const auto pairs : given) {
      const bool listed =
          result_.is(pairs, PickleKind::kList) || result_.is(pairs, PickleKind::kTuple);
      if (!listed) refuse("expected a list of pairs, found " + result_.describe(pairs));
      for (const auto pair : object(pairs).items) {
        const auto& both = object(pair);
        const bool sequence = both.kind == PickleKind::kList || both.kind == PickleKind::kTuple;
        if (!sequence || both.items.size() != 2) {
          refuse("expected a pair of key and value, found " + result_.describe(pair));
        }
        items.insert(items.end(), both.items.begin(), both.items.end());
      }
    }
    make_with(PickleKind::kDict, items);
  }
  void build() {
    const auto state = pop("a state");
    const auto to = top("an object to give a state to");
    if (object(to).kind == PickleKind::kDict) return;  // the `_metadata` of a state dictionary
    if (object(to).kind != PickleKind::kCall) {
      refuse("a state is given to " + result_.describe(to));
    }
    append(to, {state});
  }

  // --- The memo ---

  void remember(uint64_t key) {
    if (key >= kMostObjects || key >= bytes_.size()) {
      refuse("memo index " + std::to_string(key) + " in a pickle of " +
             std::to_string(bytes_.size()) + " bytes");
    }
    if (memo_.size() <= key) memo_.resize(key + 1, kUnset);
    if (memo_[key] == kUnset) ++remembered_;
    memo_[key] = top("an object to remember");
  }
  void recall(uint64_t key) {
    if (key >= memo_.size() || memo_[key] == kUnset) {
      refuse("nothing was remembered under " + std::to_string(key));
    }
    stack_.push_back(memo_[key]);
    if (stack_.size() > kMostItems) refuse("the stack has too many objects");
  }

  void stop() {
    result_.root_ = pop("the result");
    if (!stack_.empty() || !marks_.empty()) {
      refuse("expected one object at the end, found " + std::to_string(stack_.size() + 1));
    }
    stopped_ = true;
  }
  void protocol() {
    const int version = number<uint8_t>();
    if (opcode_at_ != 0 || version < 2 || version > 5) {
      refuse("expected one of the protocols 2 to 5, at the beginning, got " +
             std::to_string(version));
    }
  }
  void stack_name() {
    const auto name = pop("a name");
    const auto module = pop("a module");
    if (!result_.is(name, PickleKind::kText) || !result_.is(module, PickleKind::kText)) {
      refuse("expected module and name as texts");
    }
    make_name(object(module).text, object(name).text);
  }
  void global_name() {
    const auto module = line();
    make_name(module, line());
  }

  void step(PickleOp op) {
    if (opcode_at_ == 0 && op != PickleOp::kProto) {
      refuse("expected a pickle of protocol 2 to 5, found none");
    }
    const auto handler = handlers()[static_cast<uint8_t>(op)];
    if (handler == nullptr) {
      char code[8];
      std::snprintf(code, sizeof code, "0x%02x", static_cast<unsigned>(op));
      refuse(std::string("opcode ") + code + ", which is not read");
    }
    handler(*this);
  }

  using Machine = PickleMachine;
  using Handler = void (*)(PickleMachine&);
  using Handlers = std::array<Handler, 256>;
  using HandlerList = std::initializer_list<std::pair<PickleOp, Handler>>;

  static void insert(Handlers& all, HandlerList list) {
    for (const auto& [op, handler] : list) all[static_cast<uint8_t>(op)] = handler;
  }

  /// Null for opcodes that are not read.
  static const Handlers& handlers() {
    static const Handlers all = [] {
      Handlers made{};
      insert_values(made);
      insert_texts(made);
      insert_containers(made);
      return made;
    }();
    return all;
  }

  static void insert_values(Handlers& all) {
    insert(all, {{PickleOp::kProto, [](Machine& m) { m.protocol(); }},
                 {PickleOp::kFrame, [](Machine& m) { m.take(sizeof(uint64_t)); }},
                 {PickleOp::kStop, [](Machine& m) { m.stop(); }},
                 {PickleOp::kNone, [](Machine& m) { m.make(PickleKind::kNone); }},
                 {PickleOp::kNewTrue, [](Machine& m) { m.make(PickleKind::kBool).integer = 1; }},
                 {PickleOp::kNewFalse, [](Machine& m) { m.make(PickleKind::kBool); }},
                 {PickleOp::kBinInt, [](Machine& m) { m.make_integer(m.number<int32_t>()); }},
                 {PickleOp::kBinInt1, [](Machine& m) { m.make_integer(m.number<uint8_t>()); }},
                 {PickleOp::kBinInt2, [](Machine& m) { m.make_integer(m.number<uint16_t>()); }},
                 {PickleOp::kLong1, [](Machine& m) { m.make_long_of(m.number<uint8_t>()); }},
                 {PickleOp::kLong4, [](Machine& m) { m.make_long_of(m.number<int32_t>()); }},
                 {PickleOp::kBinFloat, [](Machine& m) { m.make_float(); }},
                 {PickleOp::kGlobal, [](Machine& m) { m.global_name(); }},
                 {PickleOp::kStackGlobal, [](Machine& m) { m.stack_name(); }},
                 {PickleOp::kBinPut, [](Machine& m) { m.remember(m.number<uint8_t>()); }},
                 {PickleOp::kLongBinPut, [](Machine& m) { m.remember(m.number<uint32_t>()); }},
                 {PickleOp::kMemoize, [](Machine& m) { m.remember(m.remembered_); }},
                 {PickleOp::kBinGet, [](Machine& m) { m.recall(m.number<uint8_t>()); }},
                 {PickleOp::kLongBinGet, [](Machine& m) { m.recall(m.number<uint32_t>()); }}});
  }

  template <PickleKind kind, class Length>
  static void read_text(PickleMachine& machine) {
    machine.make_text(kind, machine.take(machine.number<Length>()));
  }

  static void insert_texts(Handlers& all) {
    insert(all, {{PickleOp::kShortBinUnicode, read_text<PickleKind::kText, uint8_t>},
                 {PickleOp::kBinUnicode, read_text<PickleKind::kText, uint32_t>},
                 {PickleOp::kBinUnicode8, read_text<PickleKind::kText, uint64_t>},
                 // Texts of Python 2, of ASCII in all files of weights.
                 {PickleOp::kShortBinString, read_text<PickleKind::kText, uint8_t>},
                 {PickleOp::kBinString, read_text<PickleKind::kText, uint32_t>},
                 {PickleOp::kShortBinBytes, read_text<PickleKind::kBytes, uint8_t>},
                 {PickleOp::kBinBytes, read_text<PickleKind::kBytes, uint32_t>},
                 {PickleOp::kBinBytes8, read_text<PickleKind::kBytes, uint64_t>},
                 {PickleOp::kByteArray8, read_text<PickleKind::kBytes, uint64_t>}});
  }

  template <PickleKind kind>
  static void make_empty(PickleMachine& machine) {
    machine.make(kind);
  }
  template <PickleKind kind, size_t count>
  static void make_of_count(PickleMachine& machine) {
    machine.make_with(kind, machine.pop_count(count));
  }
  template <PickleKind kind>
  static void make_of_marked(PickleMachine& machine) {
    machine.make_with(kind, machine.pop_to_mark());
  }

  static void insert_containers(Handlers& all) {
    insert(all, {{PickleOp::kMark, [](Machine& m) { m.mark(); }},
                 {PickleOp::kPop, [](Machine& m) { m.pop("an object"); }},
                 {PickleOp::kPopMark, [](Machine& m) { m.pop_to_mark(); }},
                 {PickleOp::kEmptyDict, make_empty<PickleKind::kDict>},
                 {PickleOp::kEmptyList, make_empty<PickleKind::kList>},
                 {PickleOp::kEmptyTuple, make_empty<PickleKind::kTuple>},
                 {PickleOp::kEmptySet, make_empty<PickleKind::kSet>},
                 {PickleOp::kTuple, make_of_marked<PickleKind::kTuple>},
                 {PickleOp::kFrozenSet, make_of_marked<PickleKind::kSet>},
                 {PickleOp::kTuple1, make_of_count<PickleKind::kTuple, 1>},
                 {PickleOp::kTuple2, make_of_count<PickleKind::kTuple, 2>},
                 {PickleOp::kTuple3, make_of_count<PickleKind::kTuple, 3>},
                 {PickleOp::kBinPersId, make_of_count<PickleKind::kPersistent, 1>}});
    insert(all,
           {{PickleOp::kSetItem, [](Machine& m) { m.set_items(m.pop_count(2)); }},
            {PickleOp::kSetItems, [](Machine& m) { m.set_items(m.pop_to_mark()); }},
            {PickleOp::kAppend, [](Machine& m) { m.add_to(PickleKind::kList, m.pop_count(1)); }},
            {PickleOp::kAppends, [](Machine& m) { m.add_to(PickleKind::kList, m.pop_to_mark()); }},
            {PickleOp::kAddItems, [](Machine& m) { m.add_to(PickleKind::kSet, m.pop_to_mark()); }},
            {PickleOp::kReduce, [](Machine& m) { m.call(); }},
            {PickleOp::kNewObj, [](Machine& m) { m.call(); }},
            {PickleOp::kBuild, [](Machine& m) { m.build(); }}});
  }

  std::string_view bytes_;
  const std::string& where_;
  uint64_t at_ = 0, opcode_at_ = 0;
  bool stopped_ = false;
  Pickle result_;
  std::vector<PickleIndex> stack_;
  std::vector<size_t> marks_;  // heights of the stack
  std::vector<PickleIndex> memo_;
  uint64_t remembered_ = 0;
  size_t items_ = 0;
};

Pickle Pickle::read(std::string_view bytes, const std::string& where) {
  return PickleMachine(bytes, where).run();
}

}  // namespace unclip
