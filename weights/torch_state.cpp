#include "weights/torch_state.h"

#include <algorithm>

#include "base/error.h"

namespace unclip {
namespace {

constexpr size_t kMostName = 4096;  // bytes
constexpr size_t kMostModules = 1 << 14;

/// Collects tensors by name.
class TorchStateReader {
 public:
  TorchStateReader(const Pickle& pickle, const FindStorage& find_storage, const std::string& where)
      : pickle_(pickle), find_storage_(find_storage), where_(where) {}

  void add(const std::string& name, PickleIndex value) {
    if (!is_torch_tensor(pickle_, value)) {
      state_.skipped[name] = pickle_.describe(value);
      return;
    }
    if (!names_.insert({name, value}).second) {
      fail(where_, ": tensor '", shown(name), "' stands there twice");
    }
    state_.entries.push_back(read_torch_tensor(pickle_, value, name, find_storage_, where_));
  }

  std::string name_of(const std::string& path, const PickleObject& key) const {
    if (path.size() + key.text.size() > kMostName) {
      fail(where_, ": a name has ", path.size() + key.text.size(), " bytes; at most ", kMostName,
           " are allowed");
    }
    return path + std::string(key.text);
  }

  /// In the order of the bytes.
  TorchState take() {
    std::stable_sort(state_.entries.begin(), state_.entries.end(),
                     [](const auto& a, const auto& b) { return a.begin < b.begin; });
    return std::move(state_);
  }

 private:
  const Pickle& pickle_;
  const FindStorage& find_storage_;
  const std::string& where_;
  TorchState state_;
  std::map<std::string, PickleIndex> names_;
};

bool holds_tensor(const Pickle& pickle, const PickleObject& dict) {
  for (size_t i = 1; i < dict.items.size(); i += 2) {
    if (is_torch_tensor(pickle, dict.items[i])) return true;
  }
  return false;
}

/// Whether Python would make a torch.nn.Module of the object: its state has these keys.
bool is_module(const Pickle& pickle, const PickleObject& object) {
  if (object.kind != PickleKind::kCall || object.items.size() < 3) return false;
  const auto& state = pickle[object.items[2]];
  return state.kind == PickleKind::kDict && pickle.find(state, "_parameters") != nullptr;
}

/// The dictionary of tensors in a dictionary.
const PickleObject& state_dict(const Pickle& pickle, const PickleObject& root,
                               const std::string& where) {
  for (const auto* key : {"state_dict", "", "model", "module", "ema", "params"}) {
    if (*key == '\0') {
      if (holds_tensor(pickle, root)) return root;
      continue;
    }
    const auto* value = pickle.find(root, key);
    if (value == nullptr) continue;
    const auto& dict = pickle[*value];
    if (dict.kind == PickleKind::kDict && holds_tensor(pickle, dict)) return dict;
    if (is_module(pickle, dict)) {
      fail(where, ": '", key, "' is a whole module of Python's class ", pickle.describe(*value),
           "; expected its state dictionary");
    }
    if (std::string_view(key) == "state_dict") {
      fail(where, ": 'state_dict': expected a dictionary of tensors, found ",
           dict.kind == PickleKind::kDict ? "one without a tensor" : pickle.describe(*value));
    }
  }
  return root;
}

}  // namespace

TorchState read_torch_state(const Pickle& pickle, const FindStorage& find_storage,
                            const std::string& where) {
  TorchStateReader reader(pickle, find_storage, where);
  const auto& root = pickle[pickle.root()];
  if (root.kind == PickleKind::kTuple || root.kind == PickleKind::kList) {
    for (size_t i = 0; i < root.items.size(); ++i) reader.add(std::to_string(i), root.items[i]);
    auto state = reader.take();
    if (!state.entries.empty()) return state;
    fail(where, ": expected a dictionary of tensors, found ", pickle.describe(pickle.root()),
         " without a tensor");
  }
  if (root.kind != PickleKind::kDict) {
    fail(where, ": expected a dictionary of tensors, found ", pickle.describe(pickle.root()),
         is_module(pickle, root) ? ", a whole module; its state dictionary can be read" : "");
  }
  const auto& dict = state_dict(pickle, root, where);
  for (size_t i = 0; i + 1 < dict.items.size(); i += 2) {
    const auto& key = pickle[dict.items[i]];
    if (key.kind != PickleKind::kText) continue;
    reader.add(reader.name_of("", key), dict.items[i + 1]);
  }
  return reader.take();
}

TorchState read_script_state(const Pickle& pickle, const FindStorage& find_storage,
                             const std::string& where) {
  TorchStateReader reader(pickle, find_storage, where);
  struct Visit {
    PickleIndex module;
    std::string path;
  };
  std::vector<Visit> left = {{pickle.root(), ""}};
  for (size_t visited = 0; !left.empty(); ++visited) {
    if (visited == kMostModules) fail(where, ": has more than ", kMostModules, " modules");
    const auto [index, path] = std::move(left.back());
    left.pop_back();
    const auto& module = pickle[index];
    const bool has_state = module.kind == PickleKind::kCall && module.items.size() == 3 &&
                           pickle.is(module.items[2], PickleKind::kDict);
    if (!has_state && index == pickle.root()) {
      fail(where, ": expected a module of TorchScript, found ", pickle.describe(index));
    }
    if (!has_state) continue;
    const auto& state = pickle[module.items[2]];
    for (size_t i = 0; i + 1 < state.items.size(); i += 2) {
      const auto& key = pickle[state.items[i]];
      if (key.kind != PickleKind::kText) continue;
      const auto name = reader.name_of(path, key);
      const auto value = state.items[i + 1];
      if (is_torch_tensor(pickle, value)) {
        reader.add(name, value);
      } else if (pickle.is(value, PickleKind::kCall)) {
        if (left.size() == kMostModules) fail(where, ": has more than ", kMostModules, " modules");
        left.push_back({value, name + "."});
      }
    }
  }
  return reader.take();
}

}  // namespace unclip
