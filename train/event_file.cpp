#include "train/event_file.h"

#include <unistd.h>

#include <array>
#include <bit>
#include <chrono>

#include "base/error.h"

namespace unclip::train {
namespace {

template <class Unsigned>
void append_little_endian(std::string& out, Unsigned value) {
  for (size_t i = 0; i < sizeof value; ++i) out += static_cast<char>(value >> (8 * i));
}

// Protocol buffers: a key consists of the field's number and the type of its value.
enum WireType : uint32_t { kVarint = 0, kFixed64 = 1, kBytes = 2, kFixed32 = 5 };

void append_varint(std::string& out, uint64_t value) {
  for (; value >= 0x80; value >>= 7) out += static_cast<char>(value | 0x80);
  out += static_cast<char>(value);
}

void append_key(std::string& out, uint32_t field, WireType type) {
  append_varint(out, field << 3 | type);
}

void append_bytes(std::string& out, uint32_t field, std::string_view bytes) {
  append_key(out, field, kBytes);
  append_varint(out, bytes.size());
  out += bytes;
}

// Event: wall_time = 1, step = 2, file_version = 3, summary = 5.
std::string begin_event(int64_t step) {
  const auto now = std::chrono::system_clock::now().time_since_epoch();
  std::string event;
  append_key(event, 1, kFixed64);
  append_little_endian(event, std::bit_cast<uint64_t>(std::chrono::duration<double>(now).count()));
  append_key(event, 2, kVarint);
  append_varint(event, static_cast<uint64_t>(step));
  return event;
}

// Summary: value = 1. Summary.Value: tag = 1, simple_value = 2.
std::string make_summary(const std::vector<std::pair<std::string, double>>& scalars) {
  std::string summary;
  for (const auto& [name, number] : scalars) {
    std::string value;
    append_bytes(value, 1, name);
    append_key(value, 2, kFixed32);
    append_little_endian(value, std::bit_cast<uint32_t>(static_cast<float>(number)));
    append_bytes(summary, 1, value);
  }
  return summary;
}

// Masks a checksum as TFRecord does, so that a checksum of data that contains checksums does not
// degenerate.
uint32_t masked(uint32_t crc) { return ((crc >> 15) | (crc << 17)) + 0xa282ead8u; }

}  // namespace

uint32_t crc32c(std::string_view bytes) {
  static const auto table = [] {
    std::array<uint32_t, 256> entries{};
    for (uint32_t i = 0; i < 256; ++i) {
      uint32_t value = i;
      for (int bit = 0; bit < 8; ++bit) value = value >> 1 ^ (value & 1 ? 0x82f63b78u : 0);
      entries[i] = value;
    }
    return entries;
  }();
  uint32_t crc = 0xffffffffu;
  for (const char c : bytes) crc = crc >> 8 ^ table[(crc ^ static_cast<unsigned char>(c)) & 0xff];
  return ~crc;
}

std::string frame_record(std::string_view message) {
  std::string record;
  append_little_endian(record, static_cast<uint64_t>(message.size()));
  append_little_endian(record, masked(crc32c(record)));
  record += message;
  append_little_endian(record, masked(crc32c(message)));
  return record;
}

EventFile::EventFile(const std::filesystem::path& folder) {
  std::error_code error;
  std::filesystem::create_directories(folder, error);
  if (error) fail(folder, ": cannot be made: ", error.message());
  const auto seconds = std::chrono::duration_cast<std::chrono::seconds>(
      std::chrono::system_clock::now().time_since_epoch());
  const auto path = folder / ("events.out.tfevents." + std::to_string(seconds.count()) + "." +
                              std::to_string(getpid()));
  file_.open(path, std::ios::binary | std::ios::app);
  if (!file_) fail(path, ": cannot be written");
  auto event = begin_event(0);
  append_bytes(event, 3, "brain.Event:2");
  write_record(event);
}

void EventFile::write(int64_t step, const std::vector<std::pair<std::string, double>>& scalars) {
  auto event = begin_event(step);
  append_bytes(event, 5, make_summary(scalars));
  write_record(event);
  file_.flush();
}

void EventFile::write_record(std::string_view message) { file_ << frame_record(message); }

}  // namespace unclip::train
