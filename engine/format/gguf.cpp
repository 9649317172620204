#include "engine/format/gguf.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <cstring>
#include <limits>
#include <type_traits>
#include <utility>

#include "engine/format/gguf_parser.h"

namespace hearth {
namespace {

struct TypeFacts {
  std::string_view name;
  uint32_t bytes;
};

// By type number.
constexpr std::array kTypes = {
    TypeFacts{"uint8", 1},   TypeFacts{"int8", 1},  TypeFacts{"uint16", 2},  TypeFacts{"int16", 2},
    TypeFacts{"uint32", 4},  TypeFacts{"int32", 4}, TypeFacts{"float32", 4}, TypeFacts{"bool", 1},
    TypeFacts{"string", 0},  TypeFacts{"array", 0}, TypeFacts{"uint64", 8},  TypeFacts{"int64", 8},
    TypeFacts{"float64", 8},
};

template <typename T>
T load(const std::byte* at) {
  T value;
  std::memcpy(&value, at, sizeof value);
  return value;
}

// The T nearest to `value`; integers from NaN are 0.
template <typename T, typename From>
T nearest(From value) {
  if constexpr (std::is_floating_point_v<T>) {
    return static_cast<T>(value);
  } else if constexpr (std::is_floating_point_v<From>) {
    // 2^digits is the first value above T's range and exact in a double; T's largest value may not be.
    constexpr int kDigits = std::numeric_limits<T>::digits;
    if (std::isnan(value)) return 0;
    if (value >= std::ldexp(From{1}, kDigits)) return std::numeric_limits<T>::max();
    if (value <= static_cast<From>(std::numeric_limits<T>::min())) return std::numeric_limits<T>::min();
    return static_cast<T>(value);
  } else {
    if (std::cmp_greater(value, std::numeric_limits<T>::max())) return std::numeric_limits<T>::max();
    if (std::cmp_less(value, std::numeric_limits<T>::min())) return std::numeric_limits<T>::min();
    return static_cast<T>(value);
  }
}

template <typename T, typename From>
std::vector<T> convert(const GgufArray& array) {
  std::vector<T> out(array.count);
  for (uint64_t i = 0; i < array.count; ++i) {
    out[i] = nearest<T>(load<From>(array.bytes.data() + i * sizeof(From)));
  }
  return out;
}

template <typename T>
Result<T> required(const Gguf& gguf, std::string_view key, Result<std::optional<T>> found) {
  if (!found.ok()) return std::move(found).error();
  if (!*found) {
    return Error{ErrorCode::kInvalidModel, fmt::format("{}: key '{}' is missing", gguf.source().name(), key)};
  }
  return std::move(**found);
}

}  // namespace

std::string_view gguf_type_name(GgufType type) { return kTypes[static_cast<size_t>(type)].name; }

uint32_t gguf_type_bytes(GgufType type) { return kTypes[static_cast<size_t>(type)].bytes; }

std::optional<GgufType> find_gguf_type(uint32_t type_number) {
  if (type_number >= kTypes.size()) return std::nullopt;
  return static_cast<GgufType>(type_number);
}

std::vector<std::string_view> GgufArray::strings() const {
  std::vector<std::string_view> out;
  out.reserve(count);
  const std::byte* at = bytes.data();
  for (uint64_t i = 0; i < count; ++i) {
    const auto length = load<uint64_t>(at);
    out.emplace_back(reinterpret_cast<const char*>(at + sizeof length), length);
    at += sizeof length + length;
  }
  return out;
}

template <typename T>
std::vector<T> GgufArray::numbers() const {
  switch (type) {
    case GgufType::kUint8:
      return convert<T, uint8_t>(*this);
    case GgufType::kInt8:
      return convert<T, int8_t>(*this);
    case GgufType::kUint16:
      return convert<T, uint16_t>(*this);
    case GgufType::kInt16:
      return convert<T, int16_t>(*this);
    case GgufType::kUint32:
      return convert<T, uint32_t>(*this);
    case GgufType::kInt32:
      return convert<T, int32_t>(*this);
    case GgufType::kUint64:
      return convert<T, uint64_t>(*this);
    case GgufType::kInt64:
      return convert<T, int64_t>(*this);
    case GgufType::kFloat32:
      return convert<T, float>(*this);
    case GgufType::kFloat64:
      return convert<T, double>(*this);
    case GgufType::kBool: {
      std::vector<T> out = convert<T, uint8_t>(*this);
      std::replace_if(
          out.begin(), out.end(), [](T value) { return value != T{0}; }, T{1});
      return out;
    }
    case GgufType::kString:
    case GgufType::kArray:
      break;
  }
  return {};
}

template std::vector<int32_t> GgufArray::numbers() const;
template std::vector<uint32_t> GgufArray::numbers() const;
template std::vector<int64_t> GgufArray::numbers() const;
template std::vector<uint64_t> GgufArray::numbers() const;
template std::vector<float> GgufArray::numbers() const;
template std::vector<double> GgufArray::numbers() const;

uint64_t GgufTensor::rows() const {
  uint64_t rows = 1;
  for (size_t i = 1; i < shape.size(); ++i) rows *= shape[i];
  return rows;
}

Result<Gguf> Gguf::parse(std::shared_ptr<const ByteSource> source, bool require_data) {
  if (const auto mapped = source->mapped(); !mapped.empty()) {
    HEARTH_ASSIGN(Gguf gguf, GgufParser(mapped, source->size(), source->name()).parse(require_data));
    gguf.source_ = std::move(source);
    return gguf;
  }
  // How long the header is shows only while it is read, so load a prefix and begin again with twice as much
  // for as long as it falls short. All beginnings together cost no more than the last one does again.
  constexpr uint64_t kFirstRead = uint64_t{1} << 20;
  auto header = std::make_shared<std::vector<std::byte>>();
  uint64_t wanted = kFirstRead;
  for (;;) {
    const uint64_t loaded = header->size();
    header->resize(std::min(source->size(), std::max(wanted, 2 * loaded)));
    HEARTH_TRY(source->read(loaded, std::span(*header).subspan(loaded)));
    GgufParser parser(*header, source->size(), source->name());
    Result<Gguf> gguf = parser.parse(require_data);
    if (gguf.ok()) {
      gguf->source_ = std::move(source);
      gguf->header_ = std::move(header);
      return gguf;
    }
    if (parser.wanted() == 0) return gguf;
    wanted = parser.wanted();
  }
}

const GgufValue* Gguf::find(std::string_view key) const {
  const auto found = entry_index_.find(key);
  return found == entry_index_.end() ? nullptr : &entries_[found->second].value;
}

const GgufTensor* Gguf::find_tensor(std::string_view name) const {
  const auto found = tensor_index_.find(name);
  return found == tensor_index_.end() ? nullptr : &tensors_[found->second];
}

Error Gguf::wrong_type(std::string_view key, const GgufValue& value, std::string_view expected) const {
  std::string found(gguf_type_name(value.type));
  if (const auto* number = std::get_if<int64_t>(&value.value)) found += fmt::format(" {}", *number);
  return {ErrorCode::kInvalidModel,
          fmt::format("{}: key '{}' must be {}, but is {}", source_->name(), key, expected, found)};
}

Result<std::optional<uint64_t>> Gguf::integer(std::string_view key) const {
  const GgufValue* value = find(key);
  if (value == nullptr) return std::optional<uint64_t>();
  if (const auto* number = std::get_if<uint64_t>(&value->value)) return std::optional(*number);
  if (const auto* number = std::get_if<int64_t>(&value->value); number != nullptr && *number >= 0) {
    return std::optional(static_cast<uint64_t>(*number));
  }
  return wrong_type(key, *value, "an integer that is not negative");
}

Result<std::optional<double>> Gguf::number(std::string_view key) const {
  const GgufValue* value = find(key);
  if (value == nullptr) return std::optional<double>();
  if (const auto* number = std::get_if<double>(&value->value)) return std::optional(*number);
  if (const auto* number = std::get_if<uint64_t>(&value->value)) {
    return std::optional(static_cast<double>(*number));
  }
  if (const auto* number = std::get_if<int64_t>(&value->value)) {
    return std::optional(static_cast<double>(*number));
  }
  return wrong_type(key, *value, "a number");
}

template <typename T>
Result<std::optional<T>> Gguf::get(std::string_view key, std::string_view expected) const {
  const GgufValue* value = find(key);
  if (value == nullptr) return std::optional<T>();
  if (const auto* found = std::get_if<T>(&value->value)) return std::optional(*found);
  return wrong_type(key, *value, expected);
}

Result<std::optional<bool>> Gguf::boolean(std::string_view key) const { return get<bool>(key, "a bool"); }

Result<std::optional<std::string_view>> Gguf::string(std::string_view key) const {
  return get<std::string_view>(key, "a string");
}

Result<std::optional<GgufArray>> Gguf::array(std::string_view key) const {
  return get<GgufArray>(key, "an array");
}

Result<uint64_t> Gguf::require_integer(std::string_view key) const {
  return required(*this, key, integer(key));
}

Result<std::string_view> Gguf::require_string(std::string_view key) const {
  return required(*this, key, string(key));
}

Result<GgufArray> Gguf::require_array(std::string_view key) const { return required(*this, key, array(key)); }

}  // namespace hearth
