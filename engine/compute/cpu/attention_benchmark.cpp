// Attention at the shapes that matter: single steps and prompts, short and long contexts, every type of
// cache. `keys_values` is the rate at which a step reads the cache; `products` counts a multiplication and an
// addition for each of q.k and p.v.
#include <benchmark/benchmark.h>

#include <numeric>
#include <span>
#include <string_view>
#include <vector>

#include "engine/compute/cpu/attention.h"
#include "engine/compute/cpu/kv_pages.h"
#include "engine/compute/host.h"

namespace hearth::cpu {
namespace {

struct Shape {
  int32_t n_head;
  int32_t n_head_kv;
  int32_t key_dimension;
  int32_t value_dimension;
  bool values_in_keys = false;
};
constexpr Shape kTinyLlama{32, 4, 64, 64};            // 1.1B
constexpr Shape kLlama2{32, 32, 128, 128};            // 7B
constexpr Shape kLlama3{32, 8, 128, 128};             // 8B
constexpr Shape kSmolLm{9, 3, 64, 64};                // 135M
constexpr Shape kDeepSeekV3{128, 1, 576, 512, true};  // 671B: latents of 512, and 64 that turn

/// A sequence of `context` positions of which the last `rows` are computed; several layers, so that a step
/// finds none of the cache's bytes in the processor's.
class Layers {
 public:
  Layers(const Shape& shape, BlockType type, int32_t context_length, int32_t rows, int32_t layers)
      : count_(layers),
        layout_{type,
                shape.n_head_kv,
                shape.key_dimension,
                shape.value_dimension,
                pages_for(context_length),
                shape.values_in_keys},
        pages_(static_cast<size_t>(layout_.page_count)),
        memory_(layout_.total_bytes() * static_cast<uint64_t>(layers), std::byte{0x11}),
        positions_(static_cast<size_t>(rows)),
        sequences_(static_cast<size_t>(rows), 0),
        q_(static_cast<size_t>(rows * shape.n_head * shape.key_dimension), 0.1F),
        out_(static_cast<size_t>(rows * shape.n_head * shape.value_dimension)),
        parameters_{shape.n_head, 0.1F} {
    std::iota(pages_.begin(), pages_.end(), 0);
    std::iota(positions_.begin(), positions_.end(), context_length - rows);
    page_list_ = pages_;
  }

  void attend(Context& context, int32_t layer) {
    const auto rows = static_cast<int64_t>(positions_.size());
    const Buffer memory = buffer_at(memory_.data()).at(layout_.total_bytes() * static_cast<uint64_t>(layer));
    cpu::attend(context, parameters_, {layout_, memory}, {positions_, sequences_, {&page_list_, 1}},
                tensor_at(q_.data(), rows, std::ssize(q_) / rows),
                tensor_at(out_.data(), rows, std::ssize(out_) / rows));
  }

  int32_t count() const { return count_; }
  /// Pairs of a query and a key that it sees, in one layer.
  double pairs() const {
    double pairs = 0.0;
    for (const int32_t position : positions_) pairs += position + 1;
    return pairs * parameters_.n_head;
  }
  double bytes() const {
    return static_cast<double>(positions_.back() + 1) * static_cast<double>(layout_.position_bytes()) *
           layout_.n_head_kv;
  }
  double dimensions() const { return layout_.key_dimension + layout_.value_dimension; }

 private:
  int32_t count_;
  KvLayout layout_;
  std::vector<int32_t> pages_;
  std::span<const int32_t> page_list_;
  std::vector<std::byte> memory_;
  std::vector<int32_t> positions_;
  std::vector<int32_t> sequences_;
  std::vector<float> q_;
  std::vector<float> out_;
  AttentionParameters parameters_;
};

void run(benchmark::State& state, Layers layers, int threads, std::string_view instruction_set) {
  const auto kernels = find_vector_kernels(instruction_set);
  if (!kernels) return state.SkipWithError("this machine does not have that instruction set");
  Context context{threads, **find_matrix_kernels("portable"), **kernels};
  int32_t layer = 0;
  for (auto _ : state) {
    layers.attend(context, layer);
    layer = (layer + 1) % layers.count();
  }
  const auto rate = [&](double per_layer) {
    return benchmark::Counter(per_layer, benchmark::Counter::kIsIterationInvariantRate);
  };
  state.counters["keys_values"] = rate(layers.bytes());
  state.counters["products"] = rate(2.0 * layers.pairs() * layers.dimensions());
}

/// One row at the end of a context of 8192, of layers that no processor's cache holds.
void step(benchmark::State& state, Shape shape, BlockType type, std::string_view instruction_set = "") {
  constexpr uint64_t kBytes = uint64_t{256} << 20;
  const KvLayout layer{type,
                       shape.n_head_kv,
                       shape.key_dimension,
                       shape.value_dimension,
                       pages_for(8192),
                       shape.values_in_keys};
  const auto layers = static_cast<int32_t>(kBytes / layer.total_bytes() + 1);
  run(state, Layers(shape, type, 8192, 1, layers), static_cast<int>(state.range(0)), instruction_set);
}

/// All rows of a prompt.
void prompt(benchmark::State& state, Shape shape, BlockType type, std::string_view instruction_set = "") {
  const auto length = static_cast<int32_t>(state.range(1));
  run(state, Layers(shape, type, length, length, 1), static_cast<int>(state.range(0)), instruction_set);
}

#define HEARTH_STEP(name, ...) BENCHMARK_CAPTURE(step, name, __VA_ARGS__)->Arg(1)->Arg(2)->UseRealTime()
HEARTH_STEP(tinyllama_f16, kTinyLlama, BlockType::kF16);
HEARTH_STEP(tinyllama_f32, kTinyLlama, BlockType::kF32);
HEARTH_STEP(tinyllama_q8_0, kTinyLlama, BlockType::kQ8_0);
HEARTH_STEP(tinyllama_q4_0, kTinyLlama, BlockType::kQ4_0);
HEARTH_STEP(llama2_f16, kLlama2, BlockType::kF16);
HEARTH_STEP(llama2_q8_0, kLlama2, BlockType::kQ8_0);
HEARTH_STEP(llama3_f16, kLlama3, BlockType::kF16);
HEARTH_STEP(llama3_q8_0, kLlama3, BlockType::kQ8_0);
#if defined(__x86_64__)
HEARTH_STEP(avx2_tinyllama_f16, kTinyLlama, BlockType::kF16, "avx2");
HEARTH_STEP(avx2_tinyllama_q8_0, kTinyLlama, BlockType::kQ8_0, "avx2");
HEARTH_STEP(avx2_llama3_f16, kLlama3, BlockType::kF16, "avx2");
HEARTH_STEP(avx2_llama3_q8_0, kLlama3, BlockType::kQ8_0, "avx2");
BENCHMARK_CAPTURE(prompt, avx2_tinyllama_f16, kTinyLlama, BlockType::kF16, "avx2")
    ->Args({1, 512})
    ->UseRealTime();
#endif
BENCHMARK_CAPTURE(prompt, tinyllama_f16, kTinyLlama, BlockType::kF16)
    ->Args({1, 512})
    ->Args({2, 512})
    ->Args({1, 8192})
    ->UseRealTime();
BENCHMARK_CAPTURE(prompt, smollm_f16, kSmolLm, BlockType::kF16)
    ->Args({1, 512})
    ->Args({2, 512})
    ->UseRealTime();
BENCHMARK_CAPTURE(prompt, llama2_f16, kLlama2, BlockType::kF16)->Args({1, 512})->UseRealTime();
HEARTH_STEP(deepseek_v3_f16, kDeepSeekV3, BlockType::kF16);
HEARTH_STEP(deepseek_v3_q8_0, kDeepSeekV3, BlockType::kQ8_0);
BENCHMARK_CAPTURE(prompt, deepseek_v3_f16, kDeepSeekV3, BlockType::kF16)->Args({1, 512})->UseRealTime();

}  // namespace
}  // namespace hearth::cpu
