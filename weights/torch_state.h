#pragma once

#include <map>
#include <string>
#include <vector>

#include "weights/torch_tensor.h"

namespace unclip {

/// The tensors of a state dictionary, and the names of its other values with what they are.
struct TorchState {
  std::vector<TensorEntry> entries;
  std::map<std::string, std::string> skipped;
};

/// The tensors in the root of a pickle that torch.save wrote: a dictionary of tensors, or one at
/// the key state_dict, model, module, ema or params of a dictionary that has no tensor of its own;
/// or a tuple or list of tensors, which are called "0", "1", ... Values that are no tensors are
/// skipped. Throws Error, which begins with `where`, if the root is something else, a name stands
/// there twice, or a tensor cannot be read.
TorchState read_torch_state(const Pickle& pickle, const FindStorage& find_storage,
                            const std::string& where);

/// The same for the pickle of a TorchScript archive: the attributes of its module that are tensors,
/// and those of the modules in it, by their paths.
TorchState read_script_state(const Pickle& pickle, const FindStorage& find_storage,
                             const std::string& where);

}  // namespace unclip
