#include "engine/base/byte_source.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <utility>

#include "engine/base/direct_file.h"
#include "engine/base/system_error.h"

namespace hearth {
namespace {

Error out_of_range(const std::string& name, uint64_t offset, uint64_t count, uint64_t size) {
  return {ErrorCode::kIo,
          fmt::format("{}: cannot read {} bytes at byte {}: it has {} bytes", name, count, offset, size)};
}

bool in_range(uint64_t offset, uint64_t count, uint64_t size) {
  return offset <= size && count <= size - offset;
}

/// Bytes that already lie in memory.
class InPlaceSource : public ByteSource {
 public:
  explicit InPlaceSource(std::string name) : name_(std::move(name)) {}

  const std::string& name() const override { return name_; }
  uint64_t size() const override { return bytes_.size(); }
  std::span<const std::byte> mapped() const override { return bytes_; }

  Result<void> read(uint64_t offset, std::span<std::byte> into) const override {
    if (!in_range(offset, into.size(), bytes_.size())) {
      return out_of_range(name_, offset, into.size(), bytes_.size());
    }
    if (!into.empty()) std::memcpy(into.data(), bytes_.data() + offset, into.size());
    return {};
  }

 protected:
  std::span<const std::byte> bytes_;

 private:
  std::string name_;
};

class MappedFile final : public InPlaceSource {
 public:
  MappedFile(std::string name, void* address, const struct stat& status)
      : InPlaceSource(std::move(name)), address_(address), identity_{status.st_dev, status.st_ino} {
    bytes_ = {static_cast<const std::byte*>(address), static_cast<size_t>(status.st_size)};
  }
  MappedFile(const MappedFile&) = delete;
  MappedFile& operator=(const MappedFile&) = delete;
  ~MappedFile() override {
    if (address_ != nullptr) munmap(address_, bytes_.size());
  }

  bool in_file() const override { return true; }
  Result<std::shared_ptr<const ByteSource>> direct(std::shared_ptr<BackgroundReader> reader) const override {
    return open_direct(name(), bytes_, identity_, std::move(reader));
  }
  size_t block() const override { return kDirectBlock; }

 private:
  void* address_;
  FileIdentity identity_;
};

class BorrowedMemory final : public InPlaceSource {
 public:
  BorrowedMemory(std::span<const std::byte> bytes, std::string name) : InPlaceSource(std::move(name)) {
    bytes_ = bytes;
  }
};

class OwnedMemory final : public InPlaceSource {
 public:
  OwnedMemory(std::vector<std::byte> bytes, std::string name)
      : InPlaceSource(std::move(name)), storage_(std::move(bytes)) {
    bytes_ = storage_;
  }

 private:
  std::vector<std::byte> storage_;
};

class HostRead final : public ByteSource {
 public:
  HostRead(ReadAt read_at, uint64_t size, std::string name, ReadAhead ahead)
      : read_at_(std::move(read_at)), ahead_(std::move(ahead)), size_(size), name_(std::move(name)) {}

  const std::string& name() const override { return name_; }
  uint64_t size() const override { return size_; }

  Result<void> read(uint64_t offset, std::span<std::byte> into) const override {
    if (!in_range(offset, into.size(), size_)) return out_of_range(name_, offset, into.size(), size_);
    if (!read_at_(offset, into)) {
      return Error{ErrorCode::kIo,
                   fmt::format("{}: reading {} bytes at byte {} failed", name_, into.size(), offset)};
    }
    return {};
  }

  bool reads_ahead() const override { return ahead_ != nullptr; }
  void read_ahead(uint64_t offset, std::span<std::byte> into) const override {
    if (ahead_ && in_range(offset, into.size(), size_)) ahead_(offset, into);
  }

 private:
  ReadAt read_at_;
  ReadAhead ahead_;
  uint64_t size_;
  std::string name_;
};

}  // namespace

Result<std::shared_ptr<const ByteSource>> map_file(const std::filesystem::path& path) {
  const int file = open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (file < 0) return system_error(path, "open it");
  struct stat status {};
  if (fstat(file, &status) != 0) {
    const Error error = system_error(path, "read its size");
    close(file);
    return error;
  }
  if (!S_ISREG(status.st_mode)) {
    close(file);
    return Error{ErrorCode::kInvalidArgument, fmt::format("{}: is not a regular file", path.string())};
  }
  const auto size = static_cast<uint64_t>(status.st_size);
  void* address = nullptr;
  if (size > 0) {
    address = mmap(nullptr, size, PROT_READ, MAP_SHARED, file, 0);
    if (address == MAP_FAILED) {
      const Error error = system_error(path, "map it");
      close(file);
      return error;
    }
  }
  close(file);
  return std::shared_ptr<const ByteSource>(std::make_shared<MappedFile>(path.string(), address, status));
}

std::shared_ptr<const ByteSource> borrow_memory(std::span<const std::byte> bytes, std::string name) {
  return std::make_shared<BorrowedMemory>(bytes, std::move(name));
}

std::shared_ptr<const ByteSource> own_memory(std::vector<std::byte> bytes, std::string name) {
  return std::make_shared<OwnedMemory>(std::move(bytes), std::move(name));
}

std::shared_ptr<const ByteSource> read_with(ReadAt read_at, uint64_t size, std::string name,
                                            ReadAhead ahead) {
  return std::make_shared<HostRead>(std::move(read_at), size, std::move(name), std::move(ahead));
}

}  // namespace hearth
