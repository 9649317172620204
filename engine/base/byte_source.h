// Where a model's bytes come from: a mapped file, memory, or the host's own read function.
//
// A source is immutable and may be read from several threads at once.
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "engine/base/result.h"

namespace hearth {

class BackgroundReader;

class ByteSource {
 public:
  virtual ~ByteSource() = default;

  /// What to call the source in messages: a path, a URL, "memory".
  virtual const std::string& name() const = 0;
  /// Length in bytes.
  virtual uint64_t size() const = 0;
  /// Fills `into` from `offset`. Fails with IO if the range is not all there.
  virtual Result<void> read(uint64_t offset, std::span<std::byte> into) const = 0;
  /// Whether read_ahead does anything.
  virtual bool reads_ahead() const { return false; }
  /// Has `into` filled from `offset` in the background. Before it is used, freed or filled otherwise, `read`
  /// must follow with the same range and place; it waits for the end.
  virtual void read_ahead(uint64_t /*offset*/, std::span<std::byte> /*into*/) const {}
  /// All bytes in place, valid as long as the source; empty where the source can only be read.
  virtual std::span<const std::byte> mapped() const { return {}; }
  /// Whether those lie in a file, so that memory that they were read into can be given back at any time.
  virtual bool in_file() const { return false; }
  /// The same bytes of such a file, read past the system's cache and ahead by `reader`; nullptr of what lies
  /// in none. This must outlive it. IO where the file is no longer there.
  virtual Result<std::shared_ptr<const ByteSource>> direct(
      std::shared_ptr<BackgroundReader> /*reader*/) const {
    return std::shared_ptr<const ByteSource>();
  }
  /// Reads that begin and end at multiples of it, in the source and in memory, are the fastest: of a file its
  /// direct ones.
  virtual size_t block() const { return 1; }
};

/// Maps a file read-only. NOT_FOUND or IO with the path and the system's reason.
Result<std::shared_ptr<const ByteSource>> map_file(const std::filesystem::path& path);

/// Borrows `bytes`, which must outlive the source.
std::shared_ptr<const ByteSource> borrow_memory(std::span<const std::byte> bytes,
                                                std::string name = "memory");

/// Takes over `bytes`.
std::shared_ptr<const ByteSource> own_memory(std::vector<std::byte> bytes, std::string name = "memory");

/// Reads through `read_at(offset, into)`, which returns false when the range cannot be read, and ahead
/// through `ahead`, where there is one.
using ReadAt = std::function<bool(uint64_t offset, std::span<std::byte> into)>;
using ReadAhead = std::function<void(uint64_t offset, std::span<std::byte> into)>;
std::shared_ptr<const ByteSource> read_with(ReadAt read_at, uint64_t size, std::string name,
                                            ReadAhead ahead = nullptr);

}  // namespace hearth
