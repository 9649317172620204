// What one instruction set provides: a table of plain functions. The sources behind it are compiled with that
// set's flags, so they take pointers and numbers only and share no inline function with the rest of the
// engine, lest the linker keep their copy of it.
#pragma once

#include <cstddef>
#include <cstdint>

#include "engine/compute/cpu/matrix/input_chunk.h"
#include "engine/format/block_type.h"

namespace hearth::cpu {

/// out[r * out_stride + j] = sum over columns of x[r] * weight row j.
struct Product {
  const std::byte* weight;  // row 0
  int64_t row_bytes;
  int64_t output_count;  // weight rows
  int64_t rows_behind;   // further rows of the matrix, which another product is likely to want next
  int64_t columns;
  const float* x;              // float weights: [rows, columns]
  const InputChunk* chunks;    // quantised weights: [chunk_count(columns)][rows]
  const InputChunkSums* sums;  // likewise
  int64_t rows;
  float* out;
  int64_t out_stride;
  std::byte* scratch;  // KernelSet::scratch_bytes, aligned to 64
};

inline constexpr int64_t kFewInputRows = 4;

using ProductFunction = void (*)(const Product&);

struct KernelSet {
  const char* name;
  int64_t output_granule;
  int64_t output_granule_of_few;  // of up to kFewInputRows rows of input
  int64_t scratch_bytes;
  /// Quantises one row of x; chunk c goes to chunks[c * stride] and sums[c * stride].
  void (*quantize_row)(const float* x, int64_t columns, int64_t stride, InputChunk* chunks,
                       InputChunkSums* sums);
  /// The product with weights of that type, or nullptr: they are then dequantised and go through F32's.
  ProductFunction (*find_product)(BlockType type);
};

extern const KernelSet kPortableKernels;
#if defined(__x86_64__)
extern const KernelSet kAvx2Kernels;
extern const KernelSet kAvx512VnniKernels;
#elif defined(__aarch64__)
extern const KernelSet kNeonDotKernels;
extern const KernelSet kNeonI8mmKernels;
#elif defined(__wasm_relaxed_simd__)
extern const KernelSet kWasmRelaxedUnsignedKernels;
extern const KernelSet kWasmRelaxedSignedKernels;
extern const KernelSet kWasmRelaxedPairsKernels;
#elif defined(__wasm_simd128__)
extern const KernelSet kWasmSimd128Kernels;
#endif

}  // namespace hearth::cpu
