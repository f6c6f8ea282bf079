#include "weights/write_safetensors.h"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <cstring>
#include <nlohmann/json.hpp>
#include <vector>

#include "base/error.h"
#include "kernels/tensor.h"
#include "weights/scalar_type.h"

namespace unclip {
namespace {

namespace fs = std::filesystem;

using Item = std::pair<const std::string, TensorToWrite>;
using Items = std::map<std::string, TensorToWrite>;

Items items_of(const std::map<std::string, at::Tensor>& tensors) {
  Items items;
  for (const auto& [name, tensor] : tensors) {
    items[name] = {tensor.scalar_type(), tensor.sizes().vec(),
                   [&tensor = tensor] { return tensor; }};
  }
  return items;
}

uint64_t byte_count(const TensorToWrite& tensor) {
  uint64_t bytes = c10::elementSize(tensor.dtype);
  for (const auto size : tensor.shape) bytes *= static_cast<uint64_t>(size);
  return bytes;
}

// The file under its temporary name; the destructor removes it unless finish() has succeeded.
class TemporaryFile {
 public:
  explicit TemporaryFile(const fs::path& wanted) : wanted_(wanted) {
    static std::atomic<unsigned> counter = 0;
    do {
      name_ =
          wanted.string() + ".tmp-" + std::to_string(::getpid()) + "-" + std::to_string(counter++);
      file_ = ::open(name_.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
    } while (file_ < 0 && errno == EEXIST);
    if (file_ < 0) fail(wanted_, ": cannot be written: ", std::strerror(errno));
  }
  TemporaryFile(const TemporaryFile&) = delete;
  TemporaryFile& operator=(const TemporaryFile&) = delete;
  ~TemporaryFile() {
    if (file_ >= 0) ::close(file_);
    if (!renamed_) ::unlink(name_.c_str());
  }

  void write(const void* data, size_t size) {
    const auto* bytes = static_cast<const char*>(data);
    while (size > 0) {
      const auto written = ::write(file_, bytes, size);
      if (written < 0 && errno == EINTR) continue;
      check(written >= 0);
      bytes += written;
      size -= static_cast<size_t>(written);
    }
  }

  void finish() {
    check(::fsync(file_) == 0);
    const int file = std::exchange(file_, -1);
    check(::close(file) == 0);
    check(::rename(name_.c_str(), wanted_.c_str()) == 0);
    renamed_ = true;
    // The new name is on the disk once its folder has been flushed. Not every file system can do
    // that; the file itself is safe already.
    const auto folder = wanted_.has_parent_path() ? wanted_.parent_path() : fs::path(".");
    if (const int opened = ::open(folder.c_str(), O_RDONLY | O_CLOEXEC); opened >= 0) {
      ::fsync(opened);
      ::close(opened);
    }
  }

 private:
  void check(bool done) const {
    if (!done) fail(wanted_, ": cannot be written: ", std::strerror(errno));
  }

  fs::path wanted_;
  std::string name_;
  int file_ = -1;
  bool renamed_ = false;
};

std::vector<const Item*> widest_first(const Items& tensors) {
  std::vector<const Item*> items;
  for (const auto& item : tensors) items.push_back(&item);
  std::stable_sort(items.begin(), items.end(), [](const auto* a, const auto* b) {
    return c10::elementSize(a->second.dtype) > c10::elementSize(b->second.dtype);
  });
  return items;
}

std::string header_text(const fs::path& path, const std::vector<const Item*>& items,
                        const std::map<std::string, std::string>& metadata) {
  nlohmann::ordered_json header = nlohmann::ordered_json::object();
  if (!metadata.empty()) header["__metadata__"] = metadata;
  uint64_t end = 0;
  for (const auto* item : items) {
    const auto& [name, tensor] = *item;
    const auto dtype = file_dtype(tensor.dtype);
    TORCH_CHECK(dtype, "tensor ", name, ": expected one of ", implemented_dtypes(), ", got ",
                tensor.dtype);
    TORCH_CHECK(name != "__metadata__", "no tensor can be called __metadata__");
    const uint64_t begin = end;
    end += byte_count(tensor);
    header[name] = {
        {"dtype", dtype_name(*dtype)}, {"shape", tensor.shape}, {"data_offsets", {begin, end}}};
  }
  std::string text;
  try {
    text = header.dump();
  } catch (const nlohmann::json::type_error&) {
    fail(path, ": cannot be written: a name or text for its header is not UTF-8");
  }
  text.append((8 - text.size() % 8) % 8, ' ');
  return text;
}

/// Passes a file's bytes to `write`, piece by piece.
template <class Write>
void write_pieces(const fs::path& path, const Items& tensors,
                  const std::map<std::string, std::string>& metadata, const Write& write) {
  const auto items = widest_first(tensors);
  const auto header = header_text(path, items, metadata);
  const uint64_t length = header.size();
  write(&length, sizeof length);
  write(header.data(), header.size());
  for (const auto* item : items) {
    const auto& [name, tensor] = *item;
    const auto values = tensor.values().detach().to(at::kCPU).contiguous();
    TORCH_CHECK(values.scalar_type() == tensor.dtype && values.sizes() == tensor.shape, "tensor ",
                name, ": expected the announced type and shape");
    write(values.const_data_ptr(), values.nbytes());
  }
}

}  // namespace

std::string safetensors_bytes(const std::string& name,
                              const std::map<std::string, at::Tensor>& tensors,
                              const std::map<std::string, std::string>& metadata) {
  std::string bytes;
  write_pieces(name, items_of(tensors), metadata, [&](const void* data, size_t size) {
    bytes.append(static_cast<const char*>(data), size);
  });
  return bytes;
}

void write_safetensors(const fs::path& path, const std::map<std::string, at::Tensor>& tensors,
                       const std::map<std::string, std::string>& metadata) {
  stream_safetensors(path, items_of(tensors), metadata);
}

void stream_safetensors(const fs::path& path, const Items& tensors,
                        const std::map<std::string, std::string>& metadata) {
  TemporaryFile file(path);
  write_pieces(path, tensors, metadata,
               [&](const void* data, size_t size) { file.write(data, size); });
  file.finish();
}

}  // namespace unclip
