// Checks a GGUF header and describes what it says. Used by Gguf::parse alone.
//
// The parser sees the file's loaded bytes, a prefix of it, and knows the size of the whole. It takes every
// length from the file as a claim: nothing is read, and no memory set aside, before the claim has been held
// against the bytes that are left. Each rejection names the key or tensor being read and the byte where it
// begins.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "engine/base/result.h"
#include "engine/format/gguf.h"

namespace hearth {

class GgufParser {
 public:
  /// A header may be this long. The largest in use, with half a million tokens and merges, are under 32 MiB.
  static constexpr uint64_t kMaxHeaderBytes = uint64_t{256} << 20;

  /// No model comes near these; they bound the memory that descriptions can take to some hundred MiB.
  static constexpr uint64_t kMaxEntries = uint64_t{1} << 18;
  static constexpr uint64_t kMaxTensors = uint64_t{1} << 20;

  /// `loaded` is the beginning of a file of `file_size` bytes called `file_name`; both must outlive the
  /// parser, and `loaded` the Gguf.
  GgufParser(std::span<const std::byte> loaded, uint64_t file_size, const std::string& file_name);

  Result<Gguf> parse(bool require_data);

  /// After parse() failed: how many bytes of the file must be loaded to come further; 0 if the file is at
  /// fault.
  uint64_t wanted() const { return wanted_; }

 private:
  /// What is being read, for messages: its name as soon as that is known, its index until then.
  struct Subject {
    std::string_view kind;
    uint64_t begin;
    std::optional<uint64_t> index;
    std::optional<std::string_view> name;
  };

  Result<void> parse_counts();
  Result<void> parse_entry(uint64_t index);
  Result<GgufValue> parse_value();
  Result<GgufValue> parse_scalar(GgufType type);
  Result<GgufArray> parse_array();
  Result<GgufType> parse_type();
  Result<void> set_alignment(const GgufValue& value);
  Result<void> parse_tensor(uint64_t index);
  Result<std::vector<uint64_t>> parse_shape();
  Result<void> place(GgufTensor& tensor);
  Result<void> check_data(bool require_data);

  uint64_t left() const { return file_size_ - position_; }
  Result<std::span<const std::byte>> take(uint64_t count, std::string_view what);
  template <typename T>
  Result<T> take_number(std::string_view what);
  Result<std::string_view> take_string(std::string_view what);

  /// "FILE: tensor 'name' at byte 123: message"
  Error fault(std::string_view message, ErrorCode code = ErrorCode::kInvalidModel) const;

  std::span<const std::byte> loaded_;
  uint64_t file_size_;
  const std::string& file_name_;

  uint64_t position_ = 0;
  uint64_t wanted_ = 0;
  Subject subject_{"header", 0, {}, {}};
  uint64_t entry_count_ = 0;
  uint64_t tensor_count_ = 0;
  uint64_t data_end_ = 0;  // of the tensors so far, with padding, from the start of the data
  Gguf gguf_;
};

}  // namespace hearth
