#include "pipeline/network_slot.h"

#include <algorithm>
#include <chrono>

namespace unclip {

NetworkSlotBase::NetworkSlotBase(Memory& memory, std::string part)
    : memory_(memory), part_(std::move(part)) {
  memory.slots_.push_back(this);
}

NetworkSlotBase::~NetworkSlotBase() {
  std::erase(memory_.slots_, this);
  memory_.used_.erase(this);
}

void NetworkSlotBase::free() {
  release();
  if (memory_.used_.contains(this)) {
    memory_.old_refusals_.insert(replay_->refusals().begin(), replay_->refusals().end());
  }
  replay_ = std::make_shared<Replay>();
}

Memory::Memory(const ModelDir& model, const PipelineOptions& options,
               std::vector<std::string> parts)
    : model_(model), options_(options), parts_(std::move(parts)) {}

void Memory::hold(std::initializer_list<NetworkSlotBase*> now,
                  std::initializer_list<const NetworkSlotBase*> next) {
  for (const auto* slot : next) {
    if (slot == nullptr) continue;
    const auto& part = slot->part();
    if (std::find(parts_.begin(), parts_.end(), part) == parts_.end()) continue;
    if (!read_ahead_.insert(part).second) continue;
    const auto weights = model_.weights(part);
    for (const auto& file : weights.opened()) file->read_ahead();
  }
  if (!options_.low_memory) return;
  for (auto* slot : slots_) {
    if (std::find(now.begin(), now.end(), slot) == now.end()) slot->free();
  }
}

void Memory::load(Module& network, const NetworkSlotBase& slot) {
  const auto start = std::chrono::steady_clock::now();
  unclip::load(network, model_.weights(slot.part()),
               {.dtype = options_.dtype, .device = options_.device});
  load_seconds_ += std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
}

std::vector<std::string> Memory::loaded_parts() const {
  std::vector<std::string> parts;
  for (const auto* slot : slots_) {
    if (slot->is_loaded()) parts.push_back(slot->part());
  }
  return parts;
}

void Memory::start_measuring() {
  used_.clear();
  old_refusals_.clear();
  load_seconds_ = 0;
}

std::set<std::string> Memory::refusals() const {
  auto all = old_refusals_;
  for (const auto* slot : used_) {
    const auto& refusals = slot->replay()->refusals();
    all.insert(refusals.begin(), refusals.end());
  }
  return all;
}

}  // namespace unclip
