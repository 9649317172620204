#include "engine/format/safetensors.h"

#include <fmt/format.h>

#include <algorithm>
#include <limits>
#include <nlohmann/json.hpp>
#include <optional>
#include <utility>

#include "engine/format/quoted.h"

namespace hearth {
namespace {

using Json = nlohmann::json;

constexpr uint64_t kLengthBytes = 8;
constexpr uint64_t kLongestHeader = 100'000'000;  // as the format has it
constexpr size_t kMostDimensions = 8;

Error bad_file(const ByteSource& source, std::string_view what) {
  return {ErrorCode::kInvalidModel, fmt::format("{}: {}", source.name(), what)};
}

Error bad_tensor(const ByteSource& source, std::string_view name, std::string_view what) {
  return bad_file(source, fmt::format("tensor {}: {}", quoted(name), what));
}

std::optional<BlockType> type_of(std::string_view name) {
  struct Named {
    std::string_view name;
    BlockType type;
  };
  for (const Named& known :
       {Named{"F64", BlockType::kF64}, Named{"F32", BlockType::kF32}, Named{"F16", BlockType::kF16},
        Named{"BF16", BlockType::kBF16}, Named{"I64", BlockType::kI64}, Named{"I32", BlockType::kI32},
        Named{"I16", BlockType::kI16}, Named{"I8", BlockType::kI8}}) {
    if (known.name == name) return known.type;
  }
  return std::nullopt;
}

// A list of whole numbers that are not negative.
std::optional<std::vector<uint64_t>> numbers_of(const Json& entry, const char* key) {
  const auto found = entry.find(key);
  if (found == entry.end() || !found->is_array()) return std::nullopt;
  std::vector<uint64_t> numbers;
  for (const Json& number : *found) {
    if (!number.is_number_unsigned()) return std::nullopt;
    numbers.push_back(number.get<uint64_t>());
  }
  return numbers;
}

// nullopt where they are more than 64 bits can count.
std::optional<uint64_t> bytes_of_shape(BlockType type, const std::vector<uint64_t>& shape) {
  uint64_t bytes = block_layout(type).block_bytes;
  for (const uint64_t dimension : shape) {
    if (dimension != 0 && bytes > std::numeric_limits<uint64_t>::max() / dimension) return std::nullopt;
    bytes *= dimension;
  }
  return bytes;
}

// `first` is where the tensors begin, from which offsets count.
Result<SafeTensor> read_entry(const ByteSource& source, std::string_view name, const Json& entry,
                              uint64_t first) {
  const auto fault = [&](std::string_view what) { return bad_tensor(source, name, what); };
  if (!entry.is_object()) return fault("is not described by an object");
  const auto type_name = entry.find("dtype");
  if (type_name == entry.end() || !type_name->is_string()) return fault("has no dtype");
  const auto type = type_of(type_name->get_ref<const std::string&>());
  if (!type) {
    return Error{
        ErrorCode::kUnsupportedModel,
        fmt::format("{}: tensor {}: is of the type {}; there are F32, F16, BF16 and F64", source.name(),
                    quoted(name), quoted(std::string_view(type_name->get_ref<const std::string&>())))};
  }
  auto shape = numbers_of(entry, "shape");
  if (!shape || shape->size() > kMostDimensions) return fault("its shape is no list of at most 8 sizes");
  const auto offsets = numbers_of(entry, "data_offsets");
  if (!offsets || offsets->size() != 2) return fault("its data_offsets are no two numbers");
  const uint64_t begin = offsets->front();
  const uint64_t end = offsets->back();
  const uint64_t available = source.size() - first;
  if (begin > end || end > available) {
    return fault(fmt::format("lies from byte {} to {} of {}", begin, end, available));
  }
  if (bytes_of_shape(*type, *shape) != end - begin) {
    return fault(fmt::format("has {} bytes, which is not what its shape and type take", end - begin));
  }
  return SafeTensor{*type, std::move(*shape), first + begin, end - begin};
}

}  // namespace

Result<SafeTensors> SafeTensors::parse(std::shared_ptr<const ByteSource> source) {
  uint64_t length = 0;
  if (source->size() < kLengthBytes)
    return bad_file(*source, "is no SafeTensors file: it has fewer than 8 bytes");
  HEARTH_TRY(source->read(0, std::as_writable_bytes(std::span(&length, 1))));
  if (length > kLongestHeader || length > source->size() - kLengthBytes) {
    return bad_file(*source,
                    fmt::format("is no SafeTensors file, or is cut: its header would have {} bytes", length));
  }
  std::string header(length, '\0');
  HEARTH_TRY(source->read(kLengthBytes, std::as_writable_bytes(std::span(header))));
  const Json json = Json::parse(header, nullptr, false);
  if (!json.is_object()) return bad_file(*source, "its header is no JSON object");
  SafeTensors file;
  file.source_ = std::move(source);
  const uint64_t first = kLengthBytes + length;
  for (const auto& [name, entry] : json.items()) {
    if (name == "__metadata__") continue;
    HEARTH_ASSIGN(auto tensor, read_entry(*file.source_, name, entry, first));
    file.tensors_.emplace(name, std::move(tensor));
  }
  HEARTH_TRY(file.check_that_they_fill_the_file(first));
  return file;
}

Result<void> SafeTensors::check_that_they_fill_the_file(uint64_t first) const {
  std::vector<std::pair<const SafeTensor*, const std::string*>> in_order;
  for (const auto& [name, tensor] : tensors_) in_order.emplace_back(&tensor, &name);
  std::sort(in_order.begin(), in_order.end(), [](const auto& a, const auto& b) {
    return std::pair(a.first->offset, a.first->bytes) < std::pair(b.first->offset, b.first->bytes);
  });
  uint64_t end = first;
  for (const auto& [tensor, name] : in_order) {
    if (tensor->offset != end) {
      return bad_tensor(
          *source_, *name,
          fmt::format("begins at byte {}, and what is before it ends at byte {}", tensor->offset, end));
    }
    end += tensor->bytes;
  }
  if (end == source_->size()) return {};
  return bad_file(*source_, fmt::format("has {} bytes behind its last tensor", source_->size() - end));
}

}  // namespace hearth
