#include "engine/format/split.h"

#include <fmt/format.h>

#include <string_view>

namespace hearth {
namespace {

constexpr size_t kMostParts = 65535;  // as split.count counts, in 16 bits
constexpr std::string_view kSplitKeys = "split.";

void add_metadata(const Gguf& metadata, GgufWriter& writer) {
  for (const GgufEntry& entry : metadata.entries()) {
    if (!entry.key.starts_with(kSplitKeys)) writer.add(entry.key, entry.value);
  }
}

void add_copy(TensorPlace place, GgufWriter& writer) {
  writer.add_tensor(place.tensor->name, place.tensor->type, place.tensor->shape,
                    [place](uint64_t offset, std::span<std::byte> into) {
                      return place.part->source().read(place.tensor->offset + offset, into);
                    });
}

std::vector<TensorPlace> tensors_of(const ModelFile& file) {
  std::vector<TensorPlace> places;
  for (const auto& part : file.parts()) {
    for (const GgufTensor& tensor : part->tensors()) places.push_back({&tensor, part.get()});
  }
  return places;
}

// Which tensors each part has.
std::vector<std::vector<TensorPlace>> divide(const ModelFile& file, PartLimit limit, bool metadata_first) {
  std::vector<std::vector<TensorPlace>> parts(metadata_first ? 2 : 1);
  uint64_t bytes = metadata_first ? 0 : file.metadata().data_offset();
  for (const TensorPlace& place : tensors_of(file)) {
    const bool is_full = (limit.bytes > 0 && bytes + place.tensor->bytes > limit.bytes) ||
                         (limit.tensors > 0 && parts.back().size() >= limit.tensors);
    if (is_full && !parts.back().empty()) {
      parts.emplace_back();
      bytes = 0;
    }
    parts.back().push_back(place);
    bytes += place.tensor->bytes;
  }
  return parts;
}

}  // namespace

Result<std::vector<GgufWriter>> split_model(const ModelFile& file, PartLimit limit, bool metadata_first) {
  const auto parts = divide(file, limit, metadata_first);
  if (parts.size() > kMostParts) {
    return Error{ErrorCode::kInvalidArgument,
                 fmt::format("that makes {} parts, and there can be {}: let each be larger", parts.size(),
                             kMostParts)};
  }
  std::vector<GgufWriter> writers(parts.size());
  for (size_t i = 0; i < parts.size(); ++i) {
    GgufWriter& writer = writers[i];
    if (i == 0) add_metadata(file.metadata(), writer);
    writer.add_uint16("split.no", static_cast<uint16_t>(i));
    writer.add_uint16("split.count", static_cast<uint16_t>(parts.size()));
    writer.add_int32("split.tensors.count", static_cast<int32_t>(file.tensor_count()));
    for (const TensorPlace& place : parts[i]) add_copy(place, writer);
  }
  return writers;
}

void join_model(const ModelFile& file, GgufWriter& writer) {
  add_metadata(file.metadata(), writer);
  for (const TensorPlace& place : tensors_of(file)) add_copy(place, writer);
}

}  // namespace hearth
