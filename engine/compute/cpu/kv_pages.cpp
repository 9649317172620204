#include "engine/compute/cpu/kv_pages.h"

#include <algorithm>
#include <cstring>

#include "engine/compute/cpu/context.h"
#include "engine/compute/host.h"
#include "engine/format/quantize.h"

namespace hearth::cpu {
namespace {

/// Rows that one task stores: about a page's worth, so that few cache lines of keys are shared by two
/// threads.
constexpr int64_t kStoredRows = kPagePositions;

/// One head's key or value in the cache's type, blocks as the format stores them.
void encode(const VectorKernels& kernels, BlockType type, std::span<const float> head,
            std::span<std::byte> encoded) {
  if (type == BlockType::kF32) {
    std::memcpy(encoded.data(), head.data(), encoded.size());
  } else if (type == BlockType::kF16) {
    kernels.store_f16(head.data(), static_cast<int64_t>(head.size()),
                      reinterpret_cast<uint16_t*>(encoded.data()));
  } else {
    // Both other types of a cache can be written: there is no error to report.
    static_cast<void>(quantize(type, head, encoded));
  }
}

/// Puts element after element of `size` bytes where the page has them for `slot`: kPagePositions elements
/// apart.
template <size_t size>
std::byte* scatter(const std::byte* elements, int64_t count, int32_t slot, std::byte* page) {
  for (int64_t i = 0; i < count; ++i, page += kPagePositions * size) {
    std::memcpy(page + static_cast<size_t>(slot) * size, elements + static_cast<size_t>(i) * size, size);
  }
  return page;
}

void scatter_key(BlockType type, std::span<const std::byte> key, int32_t slot, std::byte* page) {
  if (type == BlockType::kF32) {
    scatter<sizeof(float)>(key.data(), static_cast<int64_t>(key.size() / sizeof(float)), slot, page);
    return;
  }
  if (type == BlockType::kF16) {
    scatter<sizeof(uint16_t)>(key.data(), static_cast<int64_t>(key.size() / sizeof(uint16_t)), slot, page);
    return;
  }
  const size_t block_bytes = bytes_of(type, kKvBlock);
  for (size_t block = 0; block < key.size(); block += block_bytes) {
    page = scatter<sizeof(uint16_t)>(&key[block], 1, slot, page);
    page = scatter<1>(&key[block + sizeof(uint16_t)], static_cast<int64_t>(block_bytes - sizeof(uint16_t)),
                      slot, page);
  }
}

/// The part of a tensor's row that is one head's.
std::span<const float> head_of(Tensor x, int64_t row, int32_t head, int64_t dimension) {
  return {floats_of(x) + row * x.columns + head * dimension, static_cast<size_t>(dimension)};
}

}  // namespace

void append_kv(Context& context, const KvPages& kv, const BatchRows& rows, Tensor k, Tensor v) {
  const KvLayout& layout = kv.layout;
  std::byte* const memory = address_of(kv.memory);
  const int64_t groups = (k.rows + kStoredRows - 1) / kStoredRows;
  const int64_t elements = kStoredRows * (layout.key_dimension + layout.value_dimension);
  parallel_for(context, groups * layout.n_head_kv, elements, [&](int64_t task, int thread) {
    const auto head = static_cast<int32_t>(task % layout.n_head_kv);
    const int64_t first = task / layout.n_head_kv * kStoredRows;
    const int64_t end = std::min(first + kStoredRows, k.rows);
    // Whatever the type, it is no larger than f32.
    float* const encoded = context.scratch(thread).floats.floats(layout.key_dimension);
    const std::span<std::byte> key(reinterpret_cast<std::byte*>(encoded), layout.key_bytes());
    for (int64_t r = first; r < end; ++r) {
      const auto row = static_cast<size_t>(r);
      const int32_t position = rows.positions[row];
      const auto pages = rows.pages[static_cast<size_t>(rows.sequences[row])];
      const int32_t page = pages[static_cast<size_t>(position / kPagePositions)];
      const int32_t slot = position % kPagePositions;
      encode(context.vector, layout.type, head_of(k, r, head, layout.key_dimension), key);
      scatter_key(layout.type, key, slot, memory + layout.key_offset(page, head));
      std::byte* const value =
          memory + layout.value_offset(page, head) + static_cast<uint64_t>(slot) * layout.value_bytes();
      encode(context.vector, layout.type, head_of(v, r, head, layout.value_dimension),
             {value, static_cast<size_t>(layout.value_bytes())});
    }
  });
}

}  // namespace hearth::cpu
