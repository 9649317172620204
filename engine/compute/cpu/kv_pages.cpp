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

/// Neighbouring rows of one sequence that go to neighbouring slots of one page.
struct SlotRun {
  int64_t first_row;
  int64_t count;
  int32_t page;
  int32_t slot;
};

SlotRun run_from(const BatchRows& rows, int64_t first, int64_t end) {
  const auto row = static_cast<size_t>(first);
  const int32_t position = rows.positions[row];
  const int32_t slot = position % kPagePositions;
  const auto pages = rows.pages[static_cast<size_t>(rows.sequences[row])];
  const int64_t most = std::min<int64_t>(end - first, kPagePositions - slot);
  int64_t count = 1;
  const auto goes_on = [&](size_t next) {
    return rows.sequences[next] == rows.sequences[row] && rows.positions[next] == position + count;
  };
  while (count < most && goes_on(row + static_cast<size_t>(count))) ++count;
  return {first, count, pages[static_cast<size_t>(position / kPagePositions)], slot};
}

/// A head's keys or values in the cache's type, blocks as the format stores them.
void encode(const VectorKernels& kernels, BlockType type, std::span<const float> elements,
            std::byte* encoded) {
  if (type == BlockType::kF32) {
    std::memcpy(encoded, elements.data(), elements.size_bytes());
  } else if (type == BlockType::kF16) {
    kernels.store_f16(elements.data(), static_cast<int64_t>(elements.size()),
                      reinterpret_cast<uint16_t*>(encoded));
  } else {
    // Both other types of a cache can be written: there is no error to report.
    const auto bytes = static_cast<size_t>(bytes_of(type, elements.size()));
    static_cast<void>(quantize(type, elements, {encoded, bytes}));
  }
}

/// Bytes from one dimension of a page's keys to the next, where elements have so many.
constexpr size_t turned_stride(size_t element_bytes) { return kPagePositions * element_bytes; }

/// Four elements of four keys, `stride` bytes apart, become four slots of four dimensions.
template <typename Element>
void turn_four(const std::byte* keys, size_t stride, std::byte* page) {
  // No alias: GCC ignores the attribute on one.
  typedef Element Four __attribute__((vector_size(4 * sizeof(Element))));  // NOLINT(modernize-use-using)
  Four rows[4];
  for (size_t i = 0; i < 4; ++i) std::memcpy(&rows[i], keys + i * stride, sizeof(Four));
  const Four low02 = __builtin_shufflevector(rows[0], rows[2], 0, 4, 1, 5);
  const Four high02 = __builtin_shufflevector(rows[0], rows[2], 2, 6, 3, 7);
  const Four low13 = __builtin_shufflevector(rows[1], rows[3], 0, 4, 1, 5);
  const Four high13 = __builtin_shufflevector(rows[1], rows[3], 2, 6, 3, 7);
  const Four turned[4] = {__builtin_shufflevector(low02, low13, 0, 4, 1, 5),
                          __builtin_shufflevector(low02, low13, 2, 6, 3, 7),
                          __builtin_shufflevector(high02, high13, 0, 4, 1, 5),
                          __builtin_shufflevector(high02, high13, 2, 6, 3, 7)};
  for (size_t i = 0; i < 4; ++i) {
    std::memcpy(page + i * turned_stride(sizeof(Element)), &turned[i], sizeof(Four));
  }
}

/// Puts `count` elements of each of `keys` keys where the page has them: a slot for each key, and
/// kPagePositions elements from one dimension to the next.
template <typename Element>
void turn(const std::byte* from, size_t stride, size_t keys, size_t count, std::byte* page) {
  constexpr size_t kSize = sizeof(Element);
  for (size_t key = 0; key < keys; key += 4) {
    const bool are_four = key + 4 <= keys;
    const size_t whole = are_four ? count / 4 * 4 : 0;
    for (size_t i = 0; i < whole; i += 4) {
      turn_four<Element>(from + key * stride + i * kSize, stride,
                         page + i * turned_stride(kSize) + key * kSize);
    }
    for (size_t i = whole; i < count; ++i) {
      for (size_t one = key; one < std::min(key + 4, keys); ++one) {
        std::memcpy(page + i * turned_stride(kSize) + one * kSize, from + one * stride + i * kSize, kSize);
      }
    }
  }
}

/// Encoded keys to the slots from `slot` on of the head's part of a page.
void turn_keys(BlockType type, const std::byte* from, size_t key_bytes, const SlotRun& run, std::byte* page) {
  const auto keys = static_cast<size_t>(run.count);
  const auto slot = static_cast<size_t>(run.slot);
  if (type == BlockType::kF32) {
    return turn<float>(from, key_bytes, keys, key_bytes / sizeof(float), page + slot * sizeof(float));
  }
  if (type == BlockType::kF16) {
    return turn<uint16_t>(from, key_bytes, keys, key_bytes / sizeof(uint16_t),
                          page + slot * sizeof(uint16_t));
  }
  const size_t block_bytes = bytes_of(type, kKvBlock);
  const size_t numbers = block_bytes - sizeof(uint16_t);
  for (size_t block = 0; block < key_bytes; block += block_bytes) {
    turn<uint16_t>(from + block, key_bytes, keys, 1, page + slot * sizeof(uint16_t));
    page += turned_stride(sizeof(uint16_t));
    turn<uint8_t>(from + block + sizeof(uint16_t), key_bytes, keys, numbers, page + slot);
    page += numbers * turned_stride(1);
  }
}

/// Where a position of a sequence is.
struct Slot {
  const std::byte* keys;  // of its page and head
  uint64_t number;
};

/// `count` dimensions of the slots' keys, from `offset` bytes on in their pages, side by side.
template <typename Element>
void gather_dimensions(std::span<const Slot> slots, size_t offset, size_t count, std::byte* page) {
  constexpr size_t kSize = sizeof(Element);
  for (size_t end = offset + count * turned_stride(kSize); offset < end; offset += turned_stride(kSize)) {
    for (size_t i = 0; i < slots.size(); ++i) {
      std::memcpy(page + offset + i * kSize, slots[i].keys + offset + slots[i].number * kSize, kSize);
    }
  }
}

/// The keys of those slots, as turn_keys arranges them.
void gather_keys(BlockType type, size_t key_bytes, std::span<const Slot> slots, std::byte* page) {
  if (type == BlockType::kF32) return gather_dimensions<float>(slots, 0, key_bytes / sizeof(float), page);
  if (type == BlockType::kF16) {
    return gather_dimensions<uint16_t>(slots, 0, key_bytes / sizeof(uint16_t), page);
  }
  const size_t block_bytes = bytes_of(type, kKvBlock);
  for (size_t block = 0; block < key_bytes; block += block_bytes) {
    const size_t offset = block * kPagePositions;
    gather_dimensions<uint16_t>(slots, offset, 1, page);
    gather_dimensions<uint8_t>(slots, offset + turned_stride(sizeof(uint16_t)),
                               block_bytes - sizeof(uint16_t), page);
  }
}

/// One head of the run's rows of x, side by side.
std::span<const float> gather_heads(Tensor x, const SlotRun& run, int32_t head, int64_t dimension,
                                    float* heads) {
  for (int64_t r = 0; r < run.count; ++r) {
    std::copy_n(floats_of(x) + (run.first_row + r) * x.columns + head * dimension, dimension,
                heads + r * dimension);
  }
  return {heads, static_cast<size_t>(run.count * dimension)};
}

}  // namespace

void gather_positions(const KvPages& kv, std::span<const int32_t> pages, int32_t head,
                      std::span<const int32_t> positions, std::byte* page) {
  const KvLayout& layout = kv.layout;
  const std::byte* const memory = address_of(kv.memory);
  Slot slots[kPagePositions];
  std::byte* value = page + kPagePositions * layout.key_bytes();
  for (size_t i = 0; i < positions.size(); ++i) {
    const int32_t position = positions[i];
    const int32_t from = pages[static_cast<size_t>(position / kPagePositions)];
    const auto slot = static_cast<uint64_t>(position % kPagePositions);
    slots[i] = {memory + layout.key_offset(from, head), slot};
    if (layout.values_in_keys) continue;
    std::memcpy(value + i * layout.value_bytes(),
                memory + layout.value_offset(from, head) + slot * layout.value_bytes(), layout.value_bytes());
  }
  gather_keys(layout.type, layout.key_bytes(), {slots, positions.size()}, page);
}

void append_kv(Context& context, const KvPages& kv, const BatchRows& rows, Tensor k, Tensor v) {
  const KvLayout& layout = kv.layout;
  std::byte* const memory = address_of(kv.memory);
  const int64_t groups = (k.rows + kStoredRows - 1) / kStoredRows;
  const int64_t widest = kStoredRows * std::max(layout.key_dimension, layout.value_dimension);
  const int64_t elements = kStoredRows * (layout.key_dimension + layout.value_dimension);
  parallel_for(context, groups * layout.n_head_kv, elements, [&](int64_t task, int thread) {
    const auto head = static_cast<int32_t>(task % layout.n_head_kv);
    const int64_t first = task / layout.n_head_kv * kStoredRows;
    const int64_t end = std::min(first + kStoredRows, k.rows);
    // Encoded keys, whatever their type, are no larger than f32.
    float* const heads = context.scratch(thread).floats.floats(2 * widest);
    auto* const encoded = reinterpret_cast<std::byte*>(heads + widest);
    SlotRun run;
    for (int64_t r = first; r < end; r += run.count) {
      run = run_from(rows, r, end);
      encode(context.vector, layout.type, gather_heads(k, run, head, layout.key_dimension, heads), encoded);
      turn_keys(layout.type, encoded, layout.key_bytes(), run, memory + layout.key_offset(run.page, head));
      if (layout.values_in_keys) continue;
      std::byte* const values = memory + layout.value_offset(run.page, head);
      encode(context.vector, layout.type, gather_heads(v, run, head, layout.value_dimension, heads),
             values + static_cast<uint64_t>(run.slot) * layout.value_bytes());
    }
  });
}

}  // namespace hearth::cpu
