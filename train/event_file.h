#pragma once

#include <cstdint>
#include <filesystem>
#include <fstream>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace unclip::train {

/// A log for TensorBoard: a TFRecord file of Event messages,
/// https://github.com/tensorflow/tensorboard/blob/master/tensorboard/compat/proto/event.proto
class EventFile {
 public:
  /// Makes a new file events.out.tfevents.TIME.PROCESS in the folder, which is made too if it is
  /// missing. Throws Error if it cannot be written.
  explicit EventFile(const std::filesystem::path& folder);

  /// Adds the scalars of a step, by name, and flushes.
  void write(int64_t step, const std::vector<std::pair<std::string, double>>& scalars);

 private:
  void write_record(std::string_view message);

  std::ofstream file_;
};

/// A message framed as in TFRecord: its length, the length's checksum, the message, the message's
/// checksum, all little-endian.
std::string frame_record(std::string_view message);

/// CRC-32C (Castagnoli), RFC 3720, appendix B.4.
uint32_t crc32c(std::string_view bytes);

}  // namespace unclip::train
