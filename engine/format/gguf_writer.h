// Writing GGUF version 3.
//
// The writer encodes what it is given and lets the reader judge the header before a byte is written, so that
// it cannot write what Gguf::parse would refuse.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
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
  /// Fills `into` with a tensor's bytes from `offset` within the tensor. Called in file order with whole
  /// rows, as many as fit into 1 MiB but at least one, so that a model larger than memory can be written and
  /// writing can be cancelled soon.
  using Fill = std::function<Result<void>(uint64_t offset, std::span<std::byte> into)>;
  struct State {
    uint64_t done;            // bytes written so far
    uint64_t total;           // bytes in the end
    std::string_view tensor;  // that is being written; "" before the first
    size_t number;            // of that tensor, from 1
    size_t tensors;           // how many there are
  };
  /// Hears of each piece; returning false cancels.
  using Progress = std::function<bool(const State& state)>;

  void add_uint16(std::string_view key, uint16_t value);
  void add_uint32(std::string_view key, uint32_t value);
  void add_int32(std::string_view key, int32_t value);
  void add_uint64(std::string_view key, uint64_t value);
  void add_float32(std::string_view key, float value);
  void add_bool(std::string_view key, bool value);
  void add_string(std::string_view key, std::string_view value);
  void add_strings(std::string_view key, std::span<const std::string> values);
  void add_int32s(std::string_view key, std::span<const int32_t> values);
  void add_float32s(std::string_view key, std::span<const float> values);
  /// Copies a value read from another file. "general.alignment", a uint32 and a power of two, sets the
  /// alignment of this one; it is 32 otherwise.
  void add(std::string_view key, const GgufValue& value);

  /// `shape` as in GgufTensor: 1 to 4 dimensions, fastest first.
  void add_tensor(std::string_view name, BlockType type, std::vector<uint64_t> shape, Fill fill);
  /// Borrows `bytes`, exactly those of the tensor, until it is written.
  void add_tensor(std::string_view name, BlockType type, std::vector<uint64_t> shape,
                  std::span<const std::byte> bytes);

  /// Writes to a temporary name beside `path` and renames: a half-written file never has the final name.
  /// INVALID_ARGUMENT if what was added makes no GGUF file (a key twice, a row of broken blocks), ABORTED if
  /// `progress` said so, IO, or the error of a Fill.
  Result<void> write(const std::filesystem::path& path, const Progress& progress = nullptr) const;
  /// The whole file in memory, for tests and small files.
  Result<std::vector<std::byte>> write_to_memory() const;
  /// The file as a source that makes the bytes when they are read: fills are called with any whole rows then,
  /// by several threads at the same time, for as long as the source lives.
  Result<std::shared_ptr<const ByteSource>> as_source(std::string name) const;

 private:
  struct Tensor {
    std::string name;
    BlockType type;
    std::vector<uint64_t> shape;
    Fill fill;
  };
  using Sink = std::function<Result<void>(std::span<const std::byte>)>;

  void begin_entry(std::string_view key, GgufType type);
  void begin_array(std::string_view key, GgufType type, uint64_t count);
  std::vector<std::byte> encode_header() const;
  Result<Gguf> check_header(std::span<const std::byte> header, const std::string& file_name) const;
  Result<void> emit(const std::string& file_name, const Sink& sink, const Progress& progress) const;

  std::vector<std::byte> entries_;  // encoded as they will stand in the file
  uint64_t entry_count_ = 0;
  uint64_t alignment_ = 32;
  std::vector<Tensor> tensors_;
};

}  // namespace hearth
