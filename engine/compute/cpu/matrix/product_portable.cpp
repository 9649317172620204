// Matrix products in plain C++, for any machine: the compiler vectorises the inner loops as it can.
#include "engine/compute/cpu/matrix/decode_chunk-inl.h"
#include "engine/compute/cpu/matrix/kernel_set.h"
#include "engine/compute/cpu/matrix/quantize_plain-inl.h"
// After what it is made of.
#include "engine/compute/cpu/matrix/quantize_row-inl.h"

namespace hearth::cpu {
namespace {

/// Weight rows taken apart at a time: enough to pass the input only now and then, few enough that their
/// chunks (8 x 384 bytes) stay in the L1 cache.
constexpr int64_t kPanelRows = 8;

inline int32_t dot(const int8_t* a, const int8_t* b, int count) {
  int32_t sum = 0;
  for (int i = 0; i < count; ++i) sum += a[i] * b[i];
  return sum;
}

/// `sum` plus the products of the first `blocks` blocks of a chunk, block after block.
template <class D>
float add_chunk(float sum, const DecodedChunk& weight, const InputChunk& x, const InputChunkSums& sums,
                int blocks) {
  constexpr int kGroups = kInputBlock / D::kGroup;  // of one block: 1 or 2
  for (int b = 0; b < blocks; ++b) {
    float products = 0.0F;
    for (int g = b * kGroups; g < (b + 1) * kGroups; ++g) {
      const int32_t group = dot(weight.values + g * D::kGroup, x.values + g * D::kGroup, D::kGroup);
      products += weight.scales[g] * static_cast<float>(group);
    }
    sum += products * x.scales[b];
    if constexpr (D::kBias) {
      const float* const input_sums = D::kGroup == kInputBlock ? sums.block_sums : sums.group_sums;
      for (int g = b * kGroups; g < (b + 1) * kGroups; ++g) sum += weight.biases[g] * input_sums[g];
    }
  }
  return sum;
}

template <BlockType type>
void multiply_integer(const Product& p) {
  DecodedChunk panel[kPanelRows];
  for (int64_t first = 0; first < p.output_count; first += kPanelRows) {
    const int64_t count = p.output_count - first < kPanelRows ? p.output_count - first : kPanelRows;
    for (int64_t r = 0; r < p.rows; ++r) {
      for (int64_t j = 0; j < count; ++j) p.out[r * p.out_stride + first + j] = 0.0F;
    }
    for (int64_t chunk = 0; chunk < chunk_count(p.columns); ++chunk) {
      const int64_t columns_left = p.columns - chunk * kChunkColumns;
      const int blocks =
          columns_left < kChunkColumns ? static_cast<int>(columns_left / kInputBlock) : kChunkBlocks;
      for (int64_t j = 0; j < count; ++j) {
        decode_chunk<type>(p.weight + (first + j) * p.row_bytes, chunk, blocks, panel[j]);
      }
      for (int64_t r = 0; r < p.rows; ++r) {
        float* out = p.out + r * p.out_stride + first;
        const int64_t place = chunk * p.rows + r;
        for (int64_t j = 0; j < count; ++j) {
          out[j] = add_chunk<Decoder<type>>(out[j], panel[j], p.chunks[place], p.sums[place], blocks);
        }
      }
    }
  }
}

struct F32Element {
  using Stored = float;
  static float value(float stored) { return stored; }
};

struct F16Element {
  using Stored = uint16_t;
  static float value(uint16_t stored) { return f16_to_f32(stored); }
};

struct BF16Element {
  using Stored = uint16_t;
  static float value(uint16_t stored) {
    const uint32_t bits = static_cast<uint32_t>(stored) << 16;
    float value;
    std::memcpy(&value, &bits, sizeof value);
    return value;
  }
};

/// Sums a row's products in eight lanes, column i in lane i % 8, and then the lanes pairwise.
template <class Element>
float dot_float(const std::byte* weight, const float* x, int64_t columns) {
  constexpr int kLanes = 8;
  float lanes[kLanes] = {};
  typename Element::Stored stored[kLanes];
  int64_t i = 0;
  for (; i + kLanes <= columns; i += kLanes) {
    std::memcpy(stored, weight + i * static_cast<int64_t>(sizeof stored[0]), sizeof stored);
    for (int lane = 0; lane < kLanes; ++lane) lanes[lane] += Element::value(stored[lane]) * x[i + lane];
  }
  for (int lane = 0; i < columns; ++i, ++lane) {
    std::memcpy(stored, weight + i * static_cast<int64_t>(sizeof stored[0]), sizeof stored[0]);
    lanes[lane] += Element::value(stored[0]) * x[i];
  }
  for (int step = kLanes / 2; step > 0; step /= 2) {
    for (int lane = 0; lane < step; ++lane) lanes[lane] += lanes[lane + step];
  }
  return lanes[0];
}

template <class Element>
void multiply_float(const Product& p) {
  for (int64_t j = 0; j < p.output_count; ++j) {
    for (int64_t r = 0; r < p.rows; ++r) {
      p.out[r * p.out_stride + j] =
          dot_float<Element>(p.weight + j * p.row_bytes, p.x + r * p.columns, p.columns);
    }
  }
}

}  // namespace
}  // namespace hearth::cpu

#include "engine/compute/cpu/matrix/find_product-inl.h"

namespace hearth::cpu {

const KernelSet kPortableKernels = {
    .name = "portable",
    .output_granule = kPanelRows,
    .output_granule_of_few = kPanelRows,
    .scratch_bytes = 0,
    .quantize_row = quantize_row,
    .find_product = find_product,
};

}  // namespace hearth::cpu
