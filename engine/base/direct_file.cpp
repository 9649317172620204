#include "engine/base/direct_file.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <utility>

#include "engine/base/system_error.h"

namespace hearth {
namespace {

/// One that past the cache is read by, -1 where the file system has no such way.
int open_past_cache([[maybe_unused]] const std::string& name) {
#if defined(__linux__)
  return open(name.c_str(), O_RDONLY | O_CLOEXEC | O_DIRECT);
#elif defined(F_NOCACHE)
  const int file = open(name.c_str(), O_RDONLY | O_CLOEXEC);
  if (file >= 0) fcntl(file, F_NOCACHE, 1);
  return file;
#else
  return -1;
#endif
}

/// Whether the system has all of it in its cache, where a copy is faster than the disk. Where it does not
/// say, not.
bool is_cached([[maybe_unused]] std::span<const std::byte> mapped) {
#if defined(__linux__)
  constexpr size_t kMostPages = 4096;
  const auto page = static_cast<uintptr_t>(sysconf(_SC_PAGESIZE));
  const uintptr_t begin = reinterpret_cast<uintptr_t>(mapped.data()) / page * page;
  const uintptr_t end = reinterpret_cast<uintptr_t>(mapped.data() + mapped.size());
  std::array<unsigned char, kMostPages> there;
  const size_t pages = (end - begin + page - 1) / page;
  if (pages > there.size() || mincore(reinterpret_cast<void*>(begin), end - begin, there.data()) != 0) {
    return false;
  }
  return std::all_of(there.begin(), there.begin() + static_cast<ptrdiff_t>(pages),
                     [](unsigned char flags) { return (flags & 1U) != 0; });
#else
  return false;
#endif
}

/// Reads until `into` is full; how many bytes it got before the file's end, or -1 with errno.
ssize_t read_fully(int file, uint64_t offset, std::span<std::byte> into) {
  size_t done = 0;
  while (done < into.size()) {
    const ssize_t got =
        pread(file, into.data() + done, into.size() - done, static_cast<off_t>(offset + done));
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return -1;
    if (got == 0) break;
    done += static_cast<size_t>(got);
  }
  return static_cast<ssize_t>(done);
}

class DirectFile final : public ByteSource {
 public:
  DirectFile(std::string name, std::span<const std::byte> mapped, int cached, int direct,
             std::shared_ptr<BackgroundReader> reader)
      : name_(std::move(name)),
        mapped_(mapped),
        cached_(cached),
        direct_(direct),
        reader_(std::move(reader)),
        read_part_([this](uint64_t offset, std::span<std::byte> into) { return read_part(offset, into); }) {}
  DirectFile(const DirectFile&) = delete;
  DirectFile& operator=(const DirectFile&) = delete;
  ~DirectFile() override {
    close(cached_);
    if (direct_ >= 0) close(direct_);
  }

  const std::string& name() const override { return name_; }
  uint64_t size() const override { return mapped_.size(); }
  size_t block() const override { return kDirectBlock; }
  bool reads_ahead() const override { return true; }
  void read_ahead(uint64_t offset, std::span<std::byte> into) const override {
    reader_->begin(read_part_, offset, into);
  }
  Result<void> read(uint64_t offset, std::span<std::byte> into) const override {
    return reader_->finish(read_part_, offset, into);
  }

 private:
  Result<void> read_part(uint64_t offset, std::span<std::byte> into) const;
  size_t read_blocks(uint64_t offset, std::span<std::byte> into) const;

  std::string name_;
  std::span<const std::byte> mapped_;
  int cached_;
  int direct_;
  std::shared_ptr<BackgroundReader> reader_;
  BackgroundReader::Read read_part_;
};

Result<void> DirectFile::read_part(uint64_t offset, std::span<std::byte> into) const {
  const size_t done = read_blocks(offset, into);
  const std::span<std::byte> rest = into.subspan(done);
  const ssize_t got = read_fully(cached_, offset + done, rest);
  if (got == std::ssize(rest)) return {};
  const std::string what = fmt::format("read {} bytes at byte {}", into.size(), offset);
  if (got < 0) return system_error(name_, what.c_str());
  return Error{ErrorCode::kIo, fmt::format("{}: cannot {}: the file has become shorter", name_, what)};
}

/// Past the cache, as many whole blocks as there are; what does not go that way is left to the usual one.
size_t DirectFile::read_blocks(uint64_t offset, std::span<std::byte> into) const {
  const bool aligned =
      offset % kDirectBlock == 0 && reinterpret_cast<uintptr_t>(into.data()) % kDirectBlock == 0;
  if (direct_ < 0 || !aligned || is_cached(mapped_.subspan(offset, into.size()))) return 0;
  const ssize_t got = read_fully(direct_, offset, into.first(into.size() / kDirectBlock * kDirectBlock));
  return got < 0 ? 0 : static_cast<size_t>(got);
}

}  // namespace

Result<std::shared_ptr<const ByteSource>> open_direct(const std::string& name,
                                                      std::span<const std::byte> mapped,
                                                      FileIdentity identity,
                                                      std::shared_ptr<BackgroundReader> reader) {
  const int cached = open(name.c_str(), O_RDONLY | O_CLOEXEC);
  if (cached < 0) return system_error(name, "open it");
  const int direct = open_past_cache(name);
  auto file = std::make_shared<DirectFile>(name, mapped, cached, direct, std::move(reader));
  for (const int each : {cached, direct}) {
    struct stat status {};
    if (each < 0) continue;
    if (fstat(each, &status) != 0) return system_error(name, "read its size");
    if (static_cast<uint64_t>(status.st_dev) != identity.device ||
        static_cast<uint64_t>(status.st_ino) != identity.inode ||
        static_cast<uint64_t>(status.st_size) != mapped.size()) {
      return Error{ErrorCode::kIo, fmt::format("{}: another file is there since it was opened", name)};
    }
  }
  return std::shared_ptr<const ByteSource>(std::move(file));
}

}  // namespace hearth
