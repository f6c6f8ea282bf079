#include "weights/pickle.h"

#include "weights/tensor_entry.h"

namespace unclip {

const PickleIndex* Pickle::find(const PickleObject& dict, std::string_view key) const {
  const PickleIndex* found = nullptr;
  for (size_t i = 0; i + 1 < dict.items.size(); i += 2) {
    const auto& name = objects_[dict.items[i]];
    if (name.kind == PickleKind::kText && name.text == key) found = &dict.items[i + 1];
  }
  return found;
}

std::string Pickle::describe(PickleIndex index) const {
  const auto* object = &objects_[index];
  constexpr const char* kKinds[] = {"None",     "a truth value", "an integer",  "a long integer",
                                    "a number", "a text",        "bytes",       "a tuple",
                                    "a list",   "a set",         "a dictionary"};
  if (object->kind <= PickleKind::kDict) return kKinds[static_cast<size_t>(object->kind)];
  if (object->kind == PickleKind::kPersistent) return "a storage";
  // What is called may itself be the result of a call.
  for (int depth = 0; depth < 16 && object->kind == PickleKind::kCall; ++depth) {
    object = &objects_[object->items[0]];
  }
  if (object->kind != PickleKind::kName) return "an object";
  return shown(std::string(object->text.substr(0, 200)) + "." +
               std::string(object->name.substr(0, 200)));
}

}  // namespace unclip
