// Quantising activations for relaxed dot products (vectors_wasm_relaxed-inl.h).
namespace hearth::cpu {
namespace {

/// quantize_row(), and the sums that dot() leaves out.
void quantize_row_for_dot(const float* x, int64_t columns, int64_t stride, InputChunk* chunks,
                          InputChunkSums* sums) {
  quantize_row(x, columns, stride, chunks, sums);
  for (int64_t column = 0; column < columns; column += kInputGroup) {
    const int64_t place = column / kChunkColumns * stride;
    const int64_t within = column % kChunkColumns;
    const Bytes negative =
        wasm_i8x16_min(load_bytes(chunks[place].values + within), wasm_i8x16_const_splat(0));
    const Ints pairs = wasm_i32x4_extadd_pairwise_i16x8(wasm_i16x8_extadd_pairwise_i8x16(negative));
    sums[place].negative_sums[within / kInputGroup] = -sum_lanes(pairs);
  }
}

}  // namespace
}  // namespace hearth::cpu
