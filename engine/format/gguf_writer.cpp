#include "engine/format/gguf_writer.h"

#include <fmt/format.h>

#include <algorithm>
#include <bit>
#include <cstring>
#include <utility>

#include "engine/base/atomic_file.h"
#include "engine/format/quoted.h"

namespace hearth {
namespace {

constexpr uint32_t kMagic = 0x46554747;  // "GGUF", little-endian
constexpr uint32_t kVersion = 3;
constexpr uint64_t kPieceBytes = uint64_t{1} << 20;

using Buffer = std::vector<std::byte>;

void append_bytes(Buffer& buffer, std::span<const std::byte> bytes) {
  buffer.insert(buffer.end(), bytes.begin(), bytes.end());
}

template <typename T>
void append(Buffer& buffer, T value) {
  append_bytes(buffer, std::as_bytes(std::span(&value, 1)));
}

void append_string(Buffer& buffer, std::string_view text) {
  append(buffer, uint64_t{text.size()});
  append_bytes(buffer, std::as_bytes(std::span(text)));
}

// Appends the low gguf_type_bytes(type) bytes: little-endian two's complement keeps the value in them.
void append_integer(Buffer& buffer, GgufType type, uint64_t value) {
  append_bytes(buffer, std::as_bytes(std::span(&value, 1)).first(gguf_type_bytes(type)));
}

void append_value(Buffer& buffer, const GgufValue& value) {
  if (const auto* text = std::get_if<std::string_view>(&value.value)) {
    append_string(buffer, *text);
  } else if (const auto* array = std::get_if<GgufArray>(&value.value)) {
    append(buffer, static_cast<uint32_t>(array->type));
    append(buffer, array->count);
    append_bytes(buffer, array->bytes);
  } else if (const auto* number = std::get_if<double>(&value.value)) {
    if (value.type == GgufType::kFloat32) {
      append(buffer, static_cast<float>(*number));
    } else {
      append(buffer, *number);
    }
  } else if (const auto* flag = std::get_if<bool>(&value.value)) {
    append(buffer, uint8_t{*flag});
  } else if (const auto* integer = std::get_if<int64_t>(&value.value)) {
    append_integer(buffer, value.type, static_cast<uint64_t>(*integer));
  } else {
    append_integer(buffer, value.type, *std::get_if<uint64_t>(&value.value));
  }
}

uint64_t padding(uint64_t size, uint64_t alignment) { return (alignment - size % alignment) % alignment; }

// Of a tensor that has not been checked yet: wraps where the reader will refuse it.
uint64_t tensor_bytes(BlockType type, const std::vector<uint64_t>& shape) {
  uint64_t elements = 1;
  for (const uint64_t dimension : shape) elements *= dimension;
  return bytes_of(type, elements);
}

Result<void> advance(uint64_t bytes, GgufWriter::State& state, const GgufWriter::Progress& progress) {
  state.done += bytes;
  if (progress == nullptr || progress(state)) return {};
  return Error{ErrorCode::kAborted,
               fmt::format("writing was cancelled after {} of {} bytes", state.done, state.total)};
}

}  // namespace

void GgufWriter::begin_entry(std::string_view key, GgufType type) {
  append_string(entries_, key);
  append(entries_, static_cast<uint32_t>(type));
  ++entry_count_;
}

void GgufWriter::begin_array(std::string_view key, GgufType type, uint64_t count) {
  begin_entry(key, GgufType::kArray);
  append(entries_, static_cast<uint32_t>(type));
  append(entries_, count);
}

void GgufWriter::add(std::string_view key, const GgufValue& value) {
  begin_entry(key, value.type);
  append_value(entries_, value);
  if (key == kAlignmentKey && std::holds_alternative<uint64_t>(value.value)) {
    const uint64_t alignment = *std::get_if<uint64_t>(&value.value);
    if (std::has_single_bit(alignment)) alignment_ = alignment;  // the reader refuses any other
  }
}

void GgufWriter::add_uint16(std::string_view key, uint16_t value) {
  add(key, {GgufType::kUint16, uint64_t{value}});
}

void GgufWriter::add_uint32(std::string_view key, uint32_t value) {
  add(key, {GgufType::kUint32, uint64_t{value}});
}

void GgufWriter::add_int32(std::string_view key, int32_t value) {
  add(key, {GgufType::kInt32, int64_t{value}});
}

void GgufWriter::add_uint64(std::string_view key, uint64_t value) { add(key, {GgufType::kUint64, value}); }

void GgufWriter::add_float32(std::string_view key, float value) {
  add(key, {GgufType::kFloat32, double{value}});
}

void GgufWriter::add_bool(std::string_view key, bool value) { add(key, {GgufType::kBool, value}); }

void GgufWriter::add_string(std::string_view key, std::string_view value) {
  add(key, {GgufType::kString, value});
}

void GgufWriter::add_strings(std::string_view key, std::span<const std::string> values) {
  begin_array(key, GgufType::kString, values.size());
  for (const std::string& value : values) append_string(entries_, value);
}

void GgufWriter::add_int32s(std::string_view key, std::span<const int32_t> values) {
  begin_array(key, GgufType::kInt32, values.size());
  append_bytes(entries_, std::as_bytes(values));
}

void GgufWriter::add_float32s(std::string_view key, std::span<const float> values) {
  begin_array(key, GgufType::kFloat32, values.size());
  append_bytes(entries_, std::as_bytes(values));
}

void GgufWriter::add_tensor(std::string_view name, BlockType type, std::vector<uint64_t> shape, Fill fill) {
  tensors_.push_back({std::string(name), type, std::move(shape), std::move(fill)});
}

void GgufWriter::add_tensor(std::string_view name, BlockType type, std::vector<uint64_t> shape,
                            std::span<const std::byte> bytes) {
  const uint64_t expected = tensor_bytes(type, shape);
  add_tensor(name, type, std::move(shape),
             [bytes, expected](uint64_t offset, std::span<std::byte> into) -> Result<void> {
               if (bytes.size() != expected) {
                 return Error{
                     ErrorCode::kInvalidArgument,
                     fmt::format("its shape takes {} bytes, not the {} given", expected, bytes.size())};
               }
               std::memcpy(into.data(), bytes.data() + offset, into.size());
               return {};
             });
}

std::vector<std::byte> GgufWriter::encode_header() const {
  Buffer header;
  append(header, kMagic);
  append(header, kVersion);
  append(header, uint64_t{tensors_.size()});
  append(header, entry_count_);
  append_bytes(header, entries_);
  uint64_t offset = 0;
  for (const Tensor& tensor : tensors_) {
    append_string(header, tensor.name);
    append(header, static_cast<uint32_t>(tensor.shape.size()));
    for (const uint64_t dimension : tensor.shape) append(header, dimension);
    append(header, static_cast<uint32_t>(tensor.type));
    append(header, offset);
    offset += tensor_bytes(tensor.type, tensor.shape);
    offset += padding(offset, alignment_);
  }
  if (!tensors_.empty()) header.resize(header.size() + padding(header.size(), alignment_));
  return header;
}

Result<Gguf> GgufWriter::check_header(std::span<const std::byte> header, const std::string& file_name) const {
  auto checked = Gguf::parse(borrow_memory(header, file_name), false);
  if (!checked.ok()) return Error{ErrorCode::kInvalidArgument, "cannot write " + checked.error().message};
  return checked;
}

Result<void> GgufWriter::emit(const std::string& file_name, const Sink& sink,
                              const Progress& progress) const {
  const Buffer header = encode_header();
  HEARTH_ASSIGN(const Gguf checked, check_header(header, file_name));

  State state{0, header.size(), "", 0, tensors_.size()};
  for (const GgufTensor& tensor : checked.tensors()) {
    state.total += tensor.bytes + padding(tensor.bytes, alignment_);
  }
  HEARTH_TRY(sink(header));
  HEARTH_TRY(advance(header.size(), state, progress));

  Buffer piece;
  for (size_t i = 0; i < tensors_.size(); ++i) {
    const GgufTensor& tensor = checked.tensors()[i];
    state.tensor = tensor.name;
    state.number = i + 1;
    const uint64_t row_bytes = bytes_of(tensor.type, tensor.columns());
    const uint64_t piece_bytes = std::max<uint64_t>(1, kPieceBytes / row_bytes) * row_bytes;
    for (uint64_t offset = 0; offset < tensor.bytes; offset += piece.size()) {
      piece.resize(std::min(piece_bytes, tensor.bytes - offset));
      if (auto filled = tensors_[i].fill(offset, piece); !filled.ok()) {
        return Error{filled.error().code, fmt::format("{}: tensor {}: {}", file_name, quoted(tensor.name),
                                                      filled.error().message)};
      }
      HEARTH_TRY(sink(piece));
      HEARTH_TRY(advance(piece.size(), state, progress));
    }
    const Buffer zeros(padding(tensor.bytes, alignment_));
    HEARTH_TRY(sink(zeros));
    HEARTH_TRY(advance(zeros.size(), state, progress));
  }
  return {};
}

Result<void> GgufWriter::write(const std::filesystem::path& path, const Progress& progress) const {
  HEARTH_ASSIGN(AtomicFile file, AtomicFile::create(path));
  HEARTH_TRY(emit(
      path.string(), [&](std::span<const std::byte> bytes) { return file.append(bytes); }, progress));
  return file.commit();
}

Result<std::vector<std::byte>> GgufWriter::write_to_memory() const {
  Buffer file;
  const Sink sink = [&](std::span<const std::byte> bytes) -> Result<void> {
    append_bytes(file, bytes);
    return {};
  };
  HEARTH_TRY(emit("memory", sink, nullptr));
  return file;
}

}  // namespace hearth
