// Writing GGUF version 3.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "engine/base/result.h"
#include "engine/format/block_type.h"
#include "engine/format/gguf.h"

namespace hearth {

class GgufWriter {
 public:
  /// Fills `into` with a tensor's bytes from `offset` within the tensor. Called in file order, in pieces of
  /// at most a few MiB, so that a model larger than memory can be written.
  using Fill = std::function<Result<void>(uint64_t offset, std::span<std::byte> into)>;

  void add_uint32(std::string key, uint32_t value);
  void add_int32(std::string key, int32_t value);
  void add_uint64(std::string key, uint64_t value);
  void add_float32(std::string key, float value);
  void add_bool(std::string key, bool value);
  void add_string(std::string key, std::string_view value);
  void add_strings(std::string key, std::span<const std::string> values);
  void add_int32s(std::string key, std::span<const int32_t> values);
  void add_float32s(std::string key, std::span<const float> values);
  /// Copies a value read from another file.
  void add(std::string key, const GgufValue& value);

  void add_tensor(std::string name, BlockType type, std::vector<uint64_t> shape, Fill fill);
  /// Borrows `bytes` until write() returns.
  void add_tensor(std::string name, BlockType type, std::vector<uint64_t> shape,
                  std::span<const std::byte> bytes);

  /// Writes to a temporary name beside `path` and renames: a half-written file never has the final name.
  /// `progress(done, total)` in bytes; returning false cancels with ABORTED.
  Result<void> write(const std::filesystem::path& path,
                     const std::function<bool(uint64_t, uint64_t)>& progress = nullptr) const;
  /// The whole file in memory, for tests and small files.
  Result<std::vector<std::byte>> write_to_memory() const;

 private:
  struct Tensor {
    std::string name;
    BlockType type;
    std::vector<uint64_t> shape;
    Fill fill;
  };
  std::vector<std::byte> entries_;  // encoded as they will stand in the file
  uint64_t entry_count_ = 0;
  std::vector<Tensor> tensors_;
};

}  // namespace hearth
