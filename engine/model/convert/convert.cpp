#include "engine/model/convert/convert.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <charconv>
#include <set>
#include <string_view>
#include <vector>

#include "engine/format/dequantize.h"
#include "engine/format/quantize.h"

namespace hearth {
namespace {

/// The number in "blk.12.attn_v.weight"; 0 for tensors outside the layers.
int32_t layer_of(std::string_view name) {
  constexpr std::string_view kPrefix = "blk.";
  int32_t layer = 0;
  if (name.starts_with(kPrefix))
    std::from_chars(name.data() + kPrefix.size(), name.data() + name.size(), layer);
  return layer;
}

void add_metadata(const Gguf& metadata, const TypeMix& mix, GgufWriter& writer) {
  for (const GgufEntry& entry : metadata.entries()) {
    // Parts become one file, of another type.
    if (entry.key.starts_with("split.") || entry.key == "general.file_type") continue;
    writer.add(entry.key, entry.value);
  }
  writer.add_uint32("general.file_type", mix.file_type);
}

void add_tensor(TensorPlace place, BlockType type, GgufWriter& writer) {
  const GgufTensor& tensor = *place.tensor;
  const auto convert = [place, type](uint64_t offset, std::span<std::byte> into) -> Result<void> {
    const GgufTensor& source = *place.tensor;
    const uint64_t first = offset / block_layout(type).block_bytes * block_layout(type).block_size;
    const uint64_t count = into.size() / block_layout(type).block_bytes * block_layout(type).block_size;
    std::vector<std::byte> blocks(bytes_of(source.type, count));
    HEARTH_TRY(place.part->source().read(source.offset + bytes_of(source.type, first), blocks));
    std::vector<float> values(count);
    dequantize(source.type, blocks, values);
    return quantize(type, values, into);
  };
  const auto copy = [place](uint64_t offset, std::span<std::byte> into) {
    return place.part->source().read(place.tensor->offset + offset, into);
  };
  if (type == tensor.type) {
    writer.add_tensor(tensor.name, type, tensor.shape, copy);
  } else {
    writer.add_tensor(tensor.name, type, tensor.shape, convert);
  }
}

int32_t layer_count(const ModelFile& file) {
  int32_t count = 0;
  for (const auto& part : file.parts()) {
    for (const GgufTensor& tensor : part->tensors()) count = std::max(count, layer_of(tensor.name) + 1);
  }
  return count;
}

Error no_weight_fits(const ModelFile& file, const TypeMix& mix, const std::set<uint64_t>& row_lengths) {
  return {
      ErrorCode::kInvalidArgument,
      fmt::format("{}: no weight can be {}: its blocks have {} elements, and the rows have {}; choose a type "
                  "with smaller blocks, such as Q8_0 or Q4_0 (32) or F16 (1)",
                  file.metadata().source().name(), block_layout(mix.base).name,
                  block_layout(mix.base).block_size, fmt::join(row_lengths, ", "))};
}

}  // namespace

Result<TensorTypes> add_converted_model(const ModelFile& file, const TypeMix& mix, GgufWriter& writer) {
  add_metadata(file.metadata(), mix, writer);
  const bool tied_output = file.find_tensor("output.weight").tensor == nullptr;
  const int32_t n_layer = layer_count(file);
  TensorTypes types;
  std::set<uint64_t> row_lengths;  // of weights
  bool fits_one = false;
  for (const auto& part : file.parts()) {
    for (const GgufTensor& tensor : part->tensors()) {
      const TensorRole role = role_of(tensor.name, tensor.shape.size(), tied_output);
      BlockType type = type_in_mix(mix, role, layer_of(tensor.name), n_layer, tensor.columns());
      if (role == TensorRole::kVector && mix.base != BlockType::kF32) type = tensor.type;
      if (role != TensorRole::kVector) {
        row_lengths.insert(tensor.columns());
        fits_one = fits_one || type == mix.base;
      }
      add_tensor({&tensor, part.get()}, type, writer);
      ++types[type];
    }
  }
  if (!row_lengths.empty() && !fits_one) return no_weight_fits(file, mix, row_lengths);
  return types;
}

}  // namespace hearth
