#include "engine/compute/cpu/matrix/matrix_product.h"

#include <algorithm>
#include <array>
#include <string>

#include "engine/compute/cpu/matrix/input_chunk.h"
#include "engine/compute/cpu/matrix/kernel_set.h"
#include "engine/compute/host.h"
#include "engine/format/dequantize.h"

namespace hearth::cpu {
namespace {

/// Weight rows dequantised at a time, for types that have no kernels of their own.
constexpr int64_t kDequantizedRows = 8;

std::byte* align_to_cache_line(std::byte* address) {
  const auto value = reinterpret_cast<uintptr_t>(address);
  return address + ((64 - value % 64) % 64);
}

/// At least `bytes` of storage from the next cache line on.
std::byte* reserve_aligned(std::vector<std::byte>& storage, int64_t bytes) {
  const auto needed = static_cast<size_t>(bytes) + 64;
  if (storage.size() < needed) storage.resize(needed);
  return align_to_cache_line(storage.data());
}

/// The two parts of a kInt8 input's storage.
struct Int8Input {
  InputChunk* chunks;
  InputChunkSums* sums;
};

Int8Input int8_input(const PreparedInput& input) {
  std::byte* start = align_to_cache_line(const_cast<std::byte*>(input.storage.data()));
  const int64_t chunks = chunk_count(input.x.columns) * input.x.rows + kSpareRows;
  return {reinterpret_cast<InputChunk*>(start),
          reinterpret_cast<InputChunkSums*>(start + chunks * static_cast<int64_t>(sizeof(InputChunk)))};
}

/// Through f32: a few rows at a time are dequantised into scratch and multiplied as F32 weights.
void multiply_dequantized(const KernelSet& kernels, BlockType type, const Product& product) {
  auto* values = reinterpret_cast<float*>(product.scratch + kernels.scratch_bytes);
  Product part = product;
  part.weight = reinterpret_cast<const std::byte*>(values);
  part.row_bytes = product.columns * static_cast<int64_t>(sizeof(float));
  for (int64_t first = 0; first < product.output_count; first += kDequantizedRows) {
    const int64_t count = std::min(kDequantizedRows, product.output_count - first);
    dequantize(type,
               {product.weight + first * product.row_bytes, static_cast<size_t>(count * product.row_bytes)},
               {values, static_cast<size_t>(count * product.columns)});
    part.output_count = count;
    part.out = product.out + first;
    kernels.find_product(BlockType::kF32)(part);
  }
}

}  // namespace

std::string_view MatrixKernels::name() const { return kernels_.name; }

int64_t MatrixKernels::output_granule(int64_t rows) const {
  return rows <= kFewInputRows ? kernels_.output_granule_of_few : kernels_.output_granule;
}

InputForm MatrixKernels::input_form(BlockType weight_type) const {
  const bool is_float =
      weight_type == BlockType::kF32 || weight_type == BlockType::kF16 || weight_type == BlockType::kBF16;
  return is_float || kernels_.find_product(weight_type) == nullptr ? InputForm::kF32 : InputForm::kInt8;
}

void MatrixKernels::begin_input(InputForm form, Tensor x, PreparedInput& input) const {
  input.form = form;
  input.x = x;
  if (form == InputForm::kInt8) {
    const int64_t chunks = chunk_count(x.columns) * x.rows + kSpareRows;
    reserve_aligned(input.storage,
                    chunks * static_cast<int64_t>(sizeof(InputChunk) + sizeof(InputChunkSums)));
  }
}

void MatrixKernels::prepare_rows(Tensor x, int64_t first_row, int64_t row_count, PreparedInput& input) const {
  if (input.form == InputForm::kF32) return;
  const Int8Input to = int8_input(input);
  for (int64_t row = first_row; row < first_row + row_count; ++row) {
    kernels_.quantize_row(floats_of(x) + row * x.columns, x.columns, x.rows, to.chunks + row, to.sums + row);
  }
}

void MatrixKernels::multiply(const Weight& weight, const PreparedInput& input, int64_t first_output,
                             int64_t output_count, Tensor out, std::vector<std::byte>& scratch) const {
  Product product{};
  product.row_bytes = weight.row_bytes();
  product.weight = blocks_of(weight) + first_output * product.row_bytes;
  product.output_count = output_count;
  product.rows_behind = weight.rows - first_output - output_count;
  product.columns = weight.columns;
  product.rows = input.x.rows;
  product.out = floats_of(out) + (out.columns == output_count ? 0 : first_output);
  product.out_stride = out.columns;
  if (input.form == InputForm::kInt8) {
    const Int8Input from = int8_input(input);
    product.chunks = from.chunks;
    product.sums = from.sums;
  } else {
    product.x = floats_of(input.x);
  }
  const ProductFunction function = kernels_.find_product(weight.type);
  if (function != nullptr) {
    product.scratch = reserve_aligned(scratch, kernels_.scratch_bytes);
    function(product);
  } else {
    const int64_t values = kDequantizedRows * weight.columns * static_cast<int64_t>(sizeof(float));
    product.scratch = reserve_aligned(scratch, kernels_.scratch_bytes + values);
    multiply_dequantized(kernels_, weight.type, product);
  }
}

}  // namespace hearth::cpu
