// Quantising activations for products that take the sign of weights (integers_wasm_relaxed_pairs-inl.h).
namespace hearth::cpu {
namespace {

/// The sum of the magnitudes of the negative ones of 16 values.
inline int32_t negative_sum(const int8_t* values) {
  const Bytes negative = wasm_i8x16_min(load_bytes(values), wasm_i8x16_const_splat(0));
  return -sum_lanes(wasm_i32x4_extadd_pairwise_i16x8(wasm_i16x8_extadd_pairwise_i8x16(negative)));
}

/// quantize_row(), and the sums that dot() leaves out.
void quantize_row_for_dot(const float* x, int64_t columns, int64_t stride, InputChunk* chunks,
                          InputChunkSums* sums) {
  quantize_row(x, columns, stride, chunks, sums);
  for (int64_t column = 0; column < columns; column += kInputBlock) {
    const int64_t place = column / kChunkColumns * stride;
    const int64_t block = column % kChunkColumns / kInputBlock;
    int32_t* const of_groups = sums[place].negative_sums + 2 * block;
    const int8_t* const values = chunks[place].values + block * kInputBlock;
    of_groups[0] = negative_sum(values);
    of_groups[1] = negative_sum(values + kInputGroup);
    sums[place].negative_block_sums[block] = of_groups[0] + of_groups[1];
  }
}

}  // namespace
}  // namespace hearth::cpu
