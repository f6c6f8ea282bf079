#pragma once

#include <initializer_list>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "pipeline/options.h"
#include "pipeline/replay.h"
#include "weights/load.h"
#include "weights/model_dir.h"

namespace unclip {

class Memory;

/// A network of a model, in memory or not.
class NetworkSlotBase {
 public:
  NetworkSlotBase(Memory& memory, std::string part);
  virtual ~NetworkSlotBase();
  NetworkSlotBase(const NetworkSlotBase&) = delete;
  NetworkSlotBase& operator=(const NetworkSlotBase&) = delete;

  const std::string& part() const { return part_; }
  /// The recordings of the network's evaluations; they live as long as its weights.
  const std::shared_ptr<Replay>& replay() const { return replay_; }

 protected:
  /// Frees the network's memory.
  virtual void release() = 0;
  virtual bool is_loaded() const = 0;

  Memory& memory_;

 private:
  friend class Memory;
  void free();

  std::string part_;
  std::shared_ptr<Replay> replay_ = std::make_shared<Replay>();
};

/// Which of a model's networks are in memory. Every network is loaded when it is first asked for.
class Memory {
 public:
  /// `parts`: the parts with weights that the task needs. `model` is copied.
  Memory(const ModelDir& model, const PipelineOptions& options, std::vector<std::string> parts);

  /// A stage begins that needs the networks `now`; none, if no stage follows. With
  /// PipelineOptions::low_memory the others are freed. The weight files of `next` are read from the
  /// disk in the background, once; a null pointer there means no network.
  void hold(std::initializer_list<NetworkSlotBase*> now,
            std::initializer_list<const NetworkSlotBase*> next = {});

  const PipelineOptions& options() const { return options_; }
  /// The parts whose networks are in memory.
  std::vector<std::string> loaded_parts() const;

  /// Forgets what the two functions below return.
  void start_measuring();
  /// Seconds spent on loading since start_measuring().
  double load_seconds() const { return load_seconds_; }
  /// Why evaluations since start_measuring() were not recorded, if the device refused.
  std::set<std::string> refusals() const;

 private:
  friend class NetworkSlotBase;
  template <class, class>
  friend class NetworkSlot;
  void load(Module& network, const NetworkSlotBase& slot);

  ModelDir model_;
  PipelineOptions options_;
  std::vector<std::string> parts_;
  std::vector<NetworkSlotBase*> slots_;
  std::set<std::string> read_ahead_;
  std::set<const NetworkSlotBase*> used_;  // since start_measuring()
  std::set<std::string> old_refusals_;     // of networks that were freed since
  double load_seconds_ = 0;
};

template <class Network, class NetworkConfig>
class NetworkSlot : public NetworkSlotBase {
 public:
  NetworkSlot(Memory& memory, std::string part, NetworkConfig config)
      : NetworkSlotBase(memory, std::move(part)), config_(std::move(config)) {}

  /// Loads the network if it is not in memory. Throws Error if its weights cannot be read.
  const std::shared_ptr<Network>& get() {
    if (!network_) {
      auto fresh = std::make_shared<Network>(config_);
      memory_.load(*fresh, *this);
      network_ = std::move(fresh);
    }
    memory_.used_.insert(this);
    return network_;
  }

 private:
  void release() override { network_ = nullptr; }
  bool is_loaded() const override { return network_ != nullptr; }

  NetworkConfig config_;
  std::shared_ptr<Network> network_;
};

}  // namespace unclip
