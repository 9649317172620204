#include "engine/format/gguf_parser.h"

#include <fmt/format.h>

#include <bit>
#include <cstring>
#include <limits>
#include <utility>

#include "engine/format/quoted.h"

namespace hearth {
namespace {

static_assert(std::endian::native == std::endian::little, "GGUF is read in place, as little-endian");

constexpr uint64_t kMaxKeyBytes = 65535;      // GGUF specification
constexpr uint64_t kMaxTensorNameBytes = 63;  // ggml keeps names in 64 bytes with a terminator
constexpr uint32_t kMaxDimensions = 4;        // ggml
constexpr uint64_t kDefaultAlignment = 32;    // GGUF specification

// The fewest bytes that one of each can take, so that a count is checked before anything is kept for it:
// key length, a key of one byte, value type, a value of one byte; and name length, dimension count, one
// dimension, block type, offset.
constexpr uint64_t kLeastEntryBytes = 8 + 1 + 4 + 1;
constexpr uint64_t kLeastTensorBytes = 8 + 4 + 8 + 4 + 8;

// Offsets and sizes stay below 2^63 so that no sum of two of them wraps.
constexpr uint64_t kMaxBytes = std::numeric_limits<int64_t>::max();

constexpr std::string_view kDamaged = "the file is damaged or incomplete";

template <typename T>
T load(std::span<const std::byte> bytes) {
  T value;
  std::memcpy(&value, bytes.data(), sizeof value);
  return value;
}

// Requires a power of two and value + alignment < 2^64.
uint64_t align_up(uint64_t value, uint64_t alignment) { return (value + alignment - 1) & ~(alignment - 1); }

}  // namespace

GgufParser::GgufParser(std::span<const std::byte> loaded, uint64_t file_size, const std::string& file_name)
    : loaded_(loaded), file_size_(file_size), file_name_(file_name) {}

Result<Gguf> GgufParser::parse(bool require_data) {
  gguf_.alignment_ = kDefaultAlignment;
  HEARTH_TRY(parse_counts());
  for (uint64_t i = 0; i < entry_count_; ++i) HEARTH_TRY(parse_entry(i));
  for (uint64_t i = 0; i < tensor_count_; ++i) HEARTH_TRY(parse_tensor(i));
  HEARTH_TRY(check_data(require_data));
  return std::move(gguf_);
}

Result<void> GgufParser::parse_counts() {
  HEARTH_ASSIGN(const auto magic, take(4, "the magic number"));
  if (std::memcmp(magic.data(), "GGUF", 4) != 0) {
    const std::string_view found(reinterpret_cast<const char*>(magic.data()), magic.size());
    return fault(fmt::format("begins with {}, not with 'GGUF': this is no GGUF file", quoted(found)));
  }
  subject_.begin = position_;
  HEARTH_ASSIGN(gguf_.version_, take_number<uint32_t>("the version"));
  if (gguf_.version_ != 2 && gguf_.version_ != 3) {
    const bool swapped = gguf_.version_ != 0 && (gguf_.version_ & 0xFFFFU) == 0;
    return fault(swapped
                     ? std::string("the file is big-endian; convert it to little-endian")
                     : fmt::format("GGUF version {} is not supported, only 2 and 3; convert the model anew",
                                   gguf_.version_),
                 ErrorCode::kUnsupportedModel);
  }
  subject_.begin = position_;
  HEARTH_ASSIGN(tensor_count_, take_number<uint64_t>("the number of tensors"));
  HEARTH_ASSIGN(entry_count_, take_number<uint64_t>("the number of metadata entries"));
  if (entry_count_ > left() / kLeastEntryBytes) {
    return fault(fmt::format("claims {} metadata entries, more than fit into the {} bytes that follow: {}",
                             entry_count_, left(), kDamaged));
  }
  if (tensor_count_ > (left() - entry_count_ * kLeastEntryBytes) / kLeastTensorBytes) {
    return fault(fmt::format("claims {} tensors, more than fit into the {} bytes that follow: {}",
                             tensor_count_, left(), kDamaged));
  }
  if (entry_count_ > kMaxEntries || tensor_count_ > kMaxTensors) {
    return fault(
        fmt::format("has {} metadata entries and {} tensors, more than the {} and {} that Hearth reads",
                    entry_count_, tensor_count_, kMaxEntries, kMaxTensors));
  }
  return {};
}

Result<void> GgufParser::parse_entry(uint64_t index) {
  subject_ = {"metadata entry", position_, index, {}};
  HEARTH_ASSIGN(const auto key, take_string("its key"));
  if (key.empty()) return fault("its key is empty");
  if (key.size() > kMaxKeyBytes) {
    return fault(fmt::format("its key has {} bytes, more than {}", key.size(), kMaxKeyBytes));
  }
  subject_.kind = "key";
  subject_.name = key;
  if (!gguf_.entry_index_.emplace(key, index).second) return fault("the same key occurs twice");
  HEARTH_ASSIGN(auto value, parse_value());
  if (key == kAlignmentKey) HEARTH_TRY(set_alignment(value));
  gguf_.entries_.push_back({key, std::move(value)});
  return {};
}

Result<GgufType> GgufParser::parse_type() {
  HEARTH_ASSIGN(const auto number, take_number<uint32_t>("the type of its value"));
  if (const auto type = find_gguf_type(number)) return *type;
  return fault(fmt::format("its value has type {}, which does not exist: {}", number, kDamaged));
}

Result<GgufValue> GgufParser::parse_value() {
  HEARTH_ASSIGN(const GgufType type, parse_type());
  if (type == GgufType::kArray) {
    HEARTH_ASSIGN(const auto array, parse_array());
    return GgufValue{type, array};
  }
  if (type == GgufType::kString) {
    HEARTH_ASSIGN(const auto text, take_string("its value"));
    return GgufValue{type, text};
  }
  return parse_scalar(type);
}

Result<GgufValue> GgufParser::parse_scalar(GgufType type) {
  HEARTH_ASSIGN(const auto bytes, take(gguf_type_bytes(type), "its value"));
  switch (type) {
    case GgufType::kUint8:
      return GgufValue{type, uint64_t{load<uint8_t>(bytes)}};
    case GgufType::kUint16:
      return GgufValue{type, uint64_t{load<uint16_t>(bytes)}};
    case GgufType::kUint32:
      return GgufValue{type, uint64_t{load<uint32_t>(bytes)}};
    case GgufType::kUint64:
      return GgufValue{type, load<uint64_t>(bytes)};
    case GgufType::kInt8:
      return GgufValue{type, int64_t{load<int8_t>(bytes)}};
    case GgufType::kInt16:
      return GgufValue{type, int64_t{load<int16_t>(bytes)}};
    case GgufType::kInt32:
      return GgufValue{type, int64_t{load<int32_t>(bytes)}};
    case GgufType::kInt64:
      return GgufValue{type, load<int64_t>(bytes)};
    case GgufType::kFloat32:
      return GgufValue{type, double{load<float>(bytes)}};
    case GgufType::kFloat64:
      return GgufValue{type, load<double>(bytes)};
    case GgufType::kBool:
      return GgufValue{type, load<uint8_t>(bytes) != 0};
    case GgufType::kString:
    case GgufType::kArray:
      break;
  }
  return fault("its value is no scalar", ErrorCode::kInternal);
}

Result<GgufArray> GgufParser::parse_array() {
  HEARTH_ASSIGN(const GgufType type, parse_type());
  if (type == GgufType::kArray) return fault("is an array of arrays, which is not supported");
  HEARTH_ASSIGN(const uint64_t count, take_number<uint64_t>("its element count"));
  // A string takes at least the eight bytes of its length.
  const uint64_t least = type == GgufType::kString ? 8 : gguf_type_bytes(type);
  if (count > left() / least) {
    return fault(fmt::format("claims {} elements of type {}, more than fit into the {} bytes that follow: {}",
                             count, gguf_type_name(type), left(), kDamaged));
  }
  if (type != GgufType::kString) {
    HEARTH_ASSIGN(const auto bytes, take(count * least, "its elements"));
    return GgufArray{type, count, bytes};
  }
  const uint64_t begin = position_;
  for (uint64_t i = 0; i < count; ++i) HEARTH_TRY(take_string("one of its strings"));
  return GgufArray{type, count, loaded_.subspan(begin, position_ - begin)};
}

Result<void> GgufParser::set_alignment(const GgufValue& value) {
  if (value.type != GgufType::kUint32) {
    return fault(fmt::format("must be of type uint32, but is {}", gguf_type_name(value.type)));
  }
  gguf_.alignment_ = *std::get_if<uint64_t>(&value.value);
  if (!std::has_single_bit(gguf_.alignment_)) {
    return fault(fmt::format("is {}, which is not a power of two", gguf_.alignment_));
  }
  return {};
}

Result<void> GgufParser::parse_tensor(uint64_t index) {
  subject_ = {"tensor", position_, index, {}};
  GgufTensor tensor{};
  HEARTH_ASSIGN(tensor.name, take_string("its name"));
  subject_.name = tensor.name;
  if (tensor.name.size() > kMaxTensorNameBytes) {
    return fault(fmt::format("its name has {} bytes, more than {}", tensor.name.size(), kMaxTensorNameBytes));
  }
  if (!gguf_.tensor_index_.emplace(tensor.name, index).second) return fault("the same name occurs twice");
  HEARTH_ASSIGN(tensor.shape, parse_shape());
  HEARTH_ASSIGN(const auto type_number, take_number<uint32_t>("its block type"));
  const auto layout = find_block_layout(type_number);
  if (!layout) {
    return fault(
        fmt::format("has block type {}, which Hearth does not know: the file is damaged, or newer than "
                    "this program",
                    type_number),
        ErrorCode::kUnsupportedModel);
  }
  tensor.type = layout->type;
  if (tensor.columns() % layout->block_size != 0) {
    return fault(fmt::format("its rows have {} elements, not a multiple of the {} in a block of {}",
                             tensor.columns(), layout->block_size, layout->name));
  }
  HEARTH_TRY(place(tensor));
  gguf_.tensors_.push_back(std::move(tensor));
  return {};
}

Result<std::vector<uint64_t>> GgufParser::parse_shape() {
  HEARTH_ASSIGN(const auto dimensions, take_number<uint32_t>("its number of dimensions"));
  if (dimensions < 1 || dimensions > kMaxDimensions) {
    return fault(fmt::format("has {} dimensions, not 1 to {}", dimensions, kMaxDimensions));
  }
  std::vector<uint64_t> shape(dimensions);
  uint64_t elements = 1;
  for (uint32_t i = 0; i < dimensions; ++i) {
    HEARTH_ASSIGN(shape[i], take_number<uint64_t>("its dimensions"));
    if (shape[i] == 0) return fault(fmt::format("dimension {} is 0", i));
    if (shape[i] > kMaxBytes / elements) {
      return fault(fmt::format("dimension {} is {}: the tensor would have 2^63 elements or more: {}", i,
                               shape[i], kDamaged));
    }
    elements *= shape[i];
  }
  return shape;
}

// Sets the tensor's size and its offset from the start of the data, which is known only after the last
// description: check_data() adds it.
Result<void> GgufParser::place(GgufTensor& tensor) {
  const BlockLayout& layout = block_layout(tensor.type);
  const uint64_t blocks = tensor.rows() * (tensor.columns() / layout.block_size);
  HEARTH_ASSIGN(tensor.offset, take_number<uint64_t>("its offset"));
  if (tensor.offset != data_end_) {
    return fault(
        fmt::format("has offset {}, but with an alignment of {} it must follow the tensor before it at {}: "
                    "{}",
                    tensor.offset, gguf_.alignment_, data_end_, kDamaged));
  }
  // The alignment is below 2^32, so that padding cannot wrap what is below 2^63.
  if (blocks > (kMaxBytes - data_end_) / layout.block_bytes) {
    return fault(fmt::format("its {} blocks of {} bytes go beyond byte 2^63: {}", blocks, layout.block_bytes,
                             kDamaged));
  }
  tensor.bytes = blocks * layout.block_bytes;
  data_end_ = align_up(data_end_ + tensor.bytes, gguf_.alignment_);
  if (data_end_ > kMaxBytes) return fault(fmt::format("ends beyond byte 2^63: {}", kDamaged));
  return {};
}

Result<void> GgufParser::check_data(bool require_data) {
  gguf_.data_offset_ = position_;
  if (gguf_.tensors_.empty()) return {};
  gguf_.data_offset_ = align_up(position_, gguf_.alignment_);
  const bool header_alone = !require_data && file_size_ == gguf_.data_offset_;
  for (GgufTensor& tensor : gguf_.tensors_) {
    tensor.offset += gguf_.data_offset_;
    if (header_alone) continue;
    subject_ = {"tensor", tensor.offset, {}, tensor.name};
    if (tensor.offset > file_size_ || tensor.bytes > file_size_ - tensor.offset) {
      return fault(
          fmt::format("its {} bytes go beyond the end of the file at byte {}: the file is incomplete",
                      tensor.bytes, file_size_));
    }
  }
  return {};
}

Result<std::span<const std::byte>> GgufParser::take(uint64_t count, std::string_view what) {
  if (count > left()) {
    return fault(fmt::format("{} at byte {} should take {} bytes, but the file ends at byte {}: {}", what,
                             position_, count, file_size_, kDamaged));
  }
  const uint64_t end = position_ + count;
  if (end > kMaxHeaderBytes) {
    return fault(fmt::format("{} at byte {} makes the header longer than the {} bytes that Hearth reads",
                             what, position_, kMaxHeaderBytes));
  }
  if (end > loaded_.size()) {
    wanted_ = end;
    return fault(fmt::format("{} at byte {} is not loaded yet", what, position_), ErrorCode::kInternal);
  }
  const auto bytes = loaded_.subspan(position_, count);
  position_ = end;
  return bytes;
}

template <typename T>
Result<T> GgufParser::take_number(std::string_view what) {
  HEARTH_ASSIGN(const auto bytes, take(sizeof(T), what));
  return load<T>(bytes);
}

Result<std::string_view> GgufParser::take_string(std::string_view what) {
  HEARTH_ASSIGN(const auto length, take_number<uint64_t>(what));
  HEARTH_ASSIGN(const auto bytes, take(length, what));
  return std::string_view(reinterpret_cast<const char*>(bytes.data()), bytes.size());
}

Error GgufParser::fault(std::string_view message, ErrorCode code) const {
  std::string subject(subject_.kind);
  if (subject_.name) {
    subject += " " + quoted(*subject_.name);
  } else if (subject_.index) {
    subject += fmt::format(" {}", *subject_.index);
  }
  return {code, fmt::format("{}: {} at byte {}: {}", file_name_, subject, subject_.begin, message)};
}

}  // namespace hearth
