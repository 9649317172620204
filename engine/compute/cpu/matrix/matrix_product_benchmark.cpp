// Products of one thread by instruction set and weight type: GB/s of weights read when decoding (one row of
// input, or one of each of several sequences; a matrix larger than the caches, and one in the level 2 cache,
// where memory is not in the way) and
// Gop/s when reading a prompt (512 rows; two operations to a multiply-add). For example
//   hearth_matrix_product_benchmark --benchmark_filter='decode/.*/Q4_0'
#include <benchmark/benchmark.h>

#include <string>

#include "engine/base/cpu_features.h"
#include "engine/compute/cpu/matrix/matrix_product.h"
#include "engine/compute/cpu/matrix/random_weight.h"

namespace hearth::cpu {
namespace {

constexpr int64_t kColumns = 2048;

/// `rows` rows, the same 64 over and over.
RandomWeight repeated_weight(BlockType type, int64_t rows) {
  std::mt19937 random;
  const RandomWeight pattern = random_weight(type, 64, kColumns, random);
  RandomWeight result;
  const int64_t row_bytes = pattern.weight.row_bytes();
  result.bytes.resize(static_cast<size_t>(rows * row_bytes));
  for (int64_t row = 0; row < rows; ++row) {
    std::memcpy(result.bytes.data() + row * row_bytes, blocks_of(pattern.weight.slice_rows(row % 64, 1)),
                static_cast<size_t>(row_bytes));
  }
  result.weight = {type, rows, kColumns, buffer_at(result.bytes.data())};
  return result;
}

struct Activations {
  explicit Activations(int64_t rows) : values(static_cast<size_t>(rows * kColumns)) {
    std::mt19937 random;
    std::normal_distribution<float> value;
    for (float& v : values) v = value(random);
    tensor = tensor_at(values.data(), rows, kColumns);
  }
  std::vector<float> values;
  Tensor tensor;
};

void multiply_repeatedly(benchmark::State& state, const MatrixKernels& kernels, const Weight& weight,
                         int64_t rows) {
  Activations x(rows);
  PreparedInput input;
  std::vector<std::byte> scratch;
  std::vector<float> out(static_cast<size_t>(rows * weight.rows));
  for (auto _ : state) {
    kernels.begin_input(kernels.input_form(weight.type), x.tensor, input);
    kernels.prepare_rows(x.tensor, 0, rows, input);
    kernels.multiply(weight, input, 0, weight.rows, tensor_at(out.data(), rows, weight.rows), scratch);
    benchmark::DoNotOptimize(out.data());
  }
}

void decode(benchmark::State& state, const MatrixKernels& kernels, BlockType type, int64_t bytes,
            int64_t rows = 1) {
  const int64_t row_bytes = static_cast<int64_t>(bytes_of(type, kColumns));
  const RandomWeight w = repeated_weight(type, bytes / row_bytes / 64 * 64);
  multiply_repeatedly(state, kernels, w.weight, rows);
  state.counters["GB/s"] = benchmark::Counter(static_cast<double>(w.bytes.size()) / 1e9,
                                              benchmark::Counter::kIsIterationInvariantRate);
}

void prefill(benchmark::State& state, const MatrixKernels& kernels, BlockType type, int64_t rows) {
  const RandomWeight w = repeated_weight(type, 1024);
  multiply_repeatedly(state, kernels, w.weight, rows);
  const double operations = 2.0 * static_cast<double>(rows * w.weight.rows * kColumns);
  state.counters["Gop/s"] =
      benchmark::Counter(operations / 1e9, benchmark::Counter::kIsIterationInvariantRate);
}

void prepare(benchmark::State& state, const MatrixKernels& kernels) {
  Activations x(64);
  PreparedInput input;
  for (auto _ : state) {
    kernels.begin_input(InputForm::kInt8, x.tensor, input);
    kernels.prepare_rows(x.tensor, 0, 64, input);
    benchmark::DoNotOptimize(input.storage.data());
  }
  state.counters["Gelement/s"] =
      benchmark::Counter(64.0 * kColumns / 1e9, benchmark::Counter::kIsIterationInvariantRate);
}

void register_all() {
  for (const std::string_view set : supported_instruction_sets()) {
    const MatrixKernels& kernels = **find_matrix_kernels(set);
    benchmark::RegisterBenchmark(("prepare/" + std::string(set)).c_str(),
                                 [&](benchmark::State& state) { prepare(state, kernels); });
    for (const BlockLayout& layout : all_block_layouts()) {
      const std::string suffix = std::string(set) + "/" + std::string(layout.name);
      benchmark::RegisterBenchmark(("decode/" + suffix).c_str(), [&](benchmark::State& state) {
        decode(state, kernels, layout.type, 128 << 20);
      })->Unit(benchmark::kMillisecond);
      benchmark::RegisterBenchmark(("decode_cached/" + suffix).c_str(), [&](benchmark::State& state) {
        decode(state, kernels, layout.type, 512 << 10);
      })->Unit(benchmark::kMillisecond);
      for (const int64_t rows : {2, 4, 8, 16}) {
        benchmark::RegisterBenchmark(
            ("decode_" + std::to_string(rows) + "/" + suffix).c_str(),
            [&, rows](benchmark::State& state) { decode(state, kernels, layout.type, 128 << 20, rows); })
            ->Unit(benchmark::kMillisecond);
      }
      for (const int64_t rows : {4, 128, 512}) {
        benchmark::RegisterBenchmark(
            ("prefill_" + std::to_string(rows) + "/" + suffix).c_str(),
            [&, rows](benchmark::State& state) { prefill(state, kernels, layout.type, rows); })
            ->Unit(benchmark::kMillisecond);
      }
    }
  }
}

[[maybe_unused]] const bool registered = (register_all(), true);

}  // namespace
}  // namespace hearth::cpu
