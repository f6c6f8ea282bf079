#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "weights/pickle.h"
#include "weights/tensor_entry.h"

namespace unclip {

/// The storage that a persistent id of PyTorch names: `numel` elements under a key.
struct TorchStorageId {
  std::string_view key;
  std::optional<Dtype> dtype;  // nothing: bytes, to which each tensor gives a type
  uint64_t numel = 0;
  /// Versions before 0.4: the tensor's storage is `numel` of the key's `whole_numel` elements, from
  /// `offset`.
  uint64_t offset = 0;
  uint64_t whole_numel = 0;

  uint64_t element_bytes() const { return dtype ? dtype_bits(*dtype) / 8 : 1; }
};

/// Where the elements of a storage lie.
struct TorchStorage {
  uint64_t begin = 0;  // in the file
  uint64_t size = 0;   // bytes
};

/// Finds a storage in the file. Throws Error if it is not there.
using FindStorage = std::function<TorchStorage(const TorchStorageId&)>;

/// The id that a kPersistent object holds: ("storage", type, key, location, numel), perhaps with a
/// view. Nothing for ids of other things. Throws Error, which begins with `where`, if the type is
/// not read or the numbers make no sense.
std::optional<TorchStorageId> read_storage_id(const Pickle& pickle, PickleIndex persistent,
                                              const std::string& where);

/// Whether Python would make a tensor of the object.
bool is_torch_tensor(const Pickle& pickle, PickleIndex index);

/// The tensor of an object for which is_torch_tensor() is true. Throws Error, which begins with
/// `where` and names the tensor, if it is sparse, quantised, complex, has a negative stride, or
/// does not lie in its storage.
TensorEntry read_torch_tensor(const Pickle& pickle, PickleIndex index, const std::string& name,
                              const FindStorage& find_storage, const std::string& where);

}  // namespace unclip
