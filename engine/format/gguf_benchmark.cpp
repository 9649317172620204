// How long a model's header takes to check: the time before anything else of a model can be used.
#include <benchmark/benchmark.h>

#include "engine/format/gguf.h"
#include "engine/format/gguf_writer.h"

namespace hearth {
namespace {

// The largest vocabularies in use: a quarter of a million tokens, half a million merges.
std::vector<std::byte> header_with_a_large_vocabulary() {
  const auto strings = [](size_t count, const char* stem) {
    std::vector<std::string> out;
    for (size_t i = 0; i < count; ++i) out.push_back(stem + std::to_string(i));
    return out;
  };
  GgufWriter writer;
  writer.add_strings("tokenizer.ggml.tokens", strings(250'000, "tok"));
  writer.add_strings("tokenizer.ggml.merges", strings(500'000, "left right"));
  return *writer.write_to_memory();
}

void parse_large_vocabulary(benchmark::State& state) {
  const auto bytes = header_with_a_large_vocabulary();
  const auto source = borrow_memory(bytes);
  for (auto _ : state) benchmark::DoNotOptimize(Gguf::parse(source));
  state.SetBytesProcessed(static_cast<int64_t>(state.iterations() * bytes.size()));
}
BENCHMARK(parse_large_vocabulary)->Unit(benchmark::kMillisecond);

void list_large_vocabulary(benchmark::State& state) {
  const auto bytes = header_with_a_large_vocabulary();
  const auto gguf = Gguf::parse(borrow_memory(bytes));
  const auto merges = gguf->require_array("tokenizer.ggml.merges");
  for (auto _ : state) benchmark::DoNotOptimize(merges->strings());
}
BENCHMARK(list_large_vocabulary)->Unit(benchmark::kMillisecond);

}  // namespace
}  // namespace hearth
