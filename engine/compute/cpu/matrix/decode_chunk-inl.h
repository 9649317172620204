// A row's chunk of 256 columns taken apart, in any quantised type. Included once by each instruction set's
// kernels.
#include "engine/compute/cpu/matrix/decode_blocks-inl.h"
// After Decoder, which it specialises further.
#include "engine/compute/cpu/matrix/decode_iq_blocks-inl.h"

namespace hearth::cpu {
namespace {

/// One row's part of a chunk, taken apart.
struct alignas(64) DecodedChunk {
  int8_t values[kChunkColumns];
  float scales[kChunkGroups];
  float biases[kChunkGroups];
};

/// Takes apart the first `blocks` blocks of 32 columns of chunk `chunk` of a row.
template <BlockType type>
void decode_chunk(const std::byte* row, int64_t chunk, int blocks, DecodedChunk& to) {
  using D = Decoder<type>;
  const auto* stored = reinterpret_cast<const typename D::Block*>(row);
  if constexpr (D::kElements == kChunkColumns) {
    D::decode(stored[chunk], {to.values, to.scales, to.biases});
  } else {
    for (int b = 0; b < blocks; ++b) {
      D::decode(stored[chunk * kChunkBlocks + b],
                {to.values + b * kInputBlock, to.scales + b, to.biases + b});
    }
  }
}

}  // namespace
}  // namespace hearth::cpu
