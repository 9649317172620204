// Reading GGUF, versions 2 and 3, little-endian: metadata, tensor descriptions and where each tensor's bytes
// are.
//
// Nothing is converted or copied: strings and arrays are views into the header's bytes, which the Gguf keeps
// alive (the mapping itself, or the part of a read-only source up to the tensor data). Strings are whatever
// bytes the file has, not always UTF-8. Specification:
// https://github.com/ggml-org/ggml/blob/master/docs/gguf.md
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "engine/base/byte_source.h"
#include "engine/base/result.h"
#include "engine/format/block_type.h"

namespace hearth {

/// The key whose value, a power of two, every tensor's offset is a multiple of.
inline constexpr std::string_view kAlignmentKey = "general.alignment";

enum class GgufType : uint32_t {
  kUint8 = 0,
  kInt8 = 1,
  kUint16 = 2,
  kInt16 = 3,
  kUint32 = 4,
  kInt32 = 5,
  kFloat32 = 6,
  kBool = 7,
  kString = 8,
  kArray = 9,
  kUint64 = 10,
  kInt64 = 11,
  kFloat64 = 12,
};

/// "uint8", "string", "array", ...
std::string_view gguf_type_name(GgufType type);

/// Bytes of one value in the file; 0 for strings and arrays, whose size varies.
uint32_t gguf_type_bytes(GgufType type);

/// The type of that number in a file; nullopt if there is none.
std::optional<GgufType> find_gguf_type(uint32_t type_number);

/// An array of scalars or strings, checked to lie within the header and still in the file's encoding.
struct GgufArray {
  GgufType type;   // of the elements; never kArray
  uint64_t count;  // elements
  std::span<const std::byte> bytes;

  /// The elements as strings. Requires type == kString.
  std::vector<std::string_view> strings() const;
  /// The elements converted to T: int32_t, uint32_t, int64_t, uint64_t, float or double. A value that T
  /// cannot hold becomes the nearest one that it can, NaN becomes 0 in integers. Requires a type other than
  /// kString.
  template <typename T>
  std::vector<T> numbers() const;
};

/// One metadata value. Signed integers of every width are held as int64_t, unsigned ones as uint64_t, floats
/// as double; a bool is any byte but 0.
struct GgufValue {
  GgufType type;
  std::variant<uint64_t, int64_t, double, bool, std::string_view, GgufArray> value;
};

struct GgufEntry {
  std::string_view key;
  GgufValue value;
};

struct GgufTensor {
  std::string_view name;
  BlockType type;
  std::vector<uint64_t> shape;  // 1 to 4 dimensions, fastest first: shape[0] is the row length
  uint64_t offset;              // of its first byte, from the start of the file: a multiple of alignment()
  uint64_t bytes;

  uint64_t columns() const { return shape[0]; }
  uint64_t rows() const;  // product of the other dimensions
};

class Gguf {
 public:
  /// Reads and checks the whole header, and that every tensor's bytes are in the file. Without `require_data`
  /// a header alone is accepted too: a file that ends exactly where its tensor data would begin (a
  /// vocabulary, the downloaded head of a model). A file that has some of its data and not all is refused
  /// either way.
  ///
  /// The order of tensors is that of ggml's own reader: they lie in the order of their descriptions, each
  /// padded to the alignment (the last one's padding may be missing). Errors are INVALID_MODEL, or
  /// UNSUPPORTED_MODEL for versions and block types that Hearth does not know, naming key or tensor and byte
  /// offset; or IO.
  static Result<Gguf> parse(std::shared_ptr<const ByteSource> source, bool require_data = true);

  const ByteSource& source() const { return *source_; }
  uint32_t version() const { return version_; }
  /// A power of two, possibly 1.
  uint64_t alignment() const { return alignment_; }
  /// Where the tensors' bytes begin, from the start of the file.
  uint64_t data_offset() const { return data_offset_; }
  const std::vector<GgufEntry>& entries() const { return entries_; }
  const std::vector<GgufTensor>& tensors() const { return tensors_; }

  /// nullptr where there is none.
  const GgufValue* find(std::string_view key) const;
  const GgufTensor* find_tensor(std::string_view name) const;

  // Typed access. The `require` forms fail with INVALID_MODEL naming the key when it is absent; both forms
  // fail so when it has another type or a value that does not fit (integers of any width and sign convert
  // where they fit).
  Result<uint64_t> require_integer(std::string_view key) const;
  Result<std::string_view> require_string(std::string_view key) const;
  Result<GgufArray> require_array(std::string_view key) const;
  // integer() wants an integer that is not negative, number() takes any number.
  Result<std::optional<uint64_t>> integer(std::string_view key) const;
  Result<std::optional<double>> number(std::string_view key) const;
  Result<std::optional<bool>> boolean(std::string_view key) const;
  Result<std::optional<std::string_view>> string(std::string_view key) const;
  Result<std::optional<GgufArray>> array(std::string_view key) const;

 private:
  template <typename T>
  Result<std::optional<T>> get(std::string_view key, std::string_view expected) const;
  Error wrong_type(std::string_view key, const GgufValue& value, std::string_view expected) const;

  std::shared_ptr<const ByteSource> source_;
  std::shared_ptr<const std::vector<std::byte>> header_;  // owned only where the source is not mapped
  uint32_t version_ = 0;
  uint64_t alignment_ = 0;
  uint64_t data_offset_ = 0;
  std::vector<GgufEntry> entries_;
  std::vector<GgufTensor> tensors_;
  // Trees, not hash tables: the names are the file's, and so chosen to collide if its author likes.
  std::map<std::string_view, size_t> entry_index_;
  std::map<std::string_view, size_t> tensor_index_;

  friend class GgufParser;
};

}  // namespace hearth
