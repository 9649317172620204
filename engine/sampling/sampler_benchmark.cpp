// What a token costs besides the model: one row of a vocabulary of 128 Ki, with the default options and with
// each step that they leave out.
#include <benchmark/benchmark.h>

#include <cmath>

#include "engine/sampling/sampler.h"

namespace hearth {
namespace {

constexpr int32_t kVocabulary = 1 << 17;

/// Logits as models have them: a bell, whose upper tail is what is likely.
std::vector<float> random_logits() {
  RandomStream random(3);
  std::vector<float> logits(kVocabulary);
  for (float& logit : logits) {
    double sum = 0.0;
    for (int i = 0; i < 12; ++i) sum += random.uniform() - 0.5;
    logit = static_cast<float>(3.0 * sum);
  }
  return logits;
}

void sample_with(benchmark::State& state, const GenerationOptions& given) {
  GenerationOptions options = given;
  options.seed = 1;
  Sampler sampler = Sampler::create(options, kVocabulary).value();
  const std::vector<float> logits = random_logits();
  std::vector<float> row(logits);
  std::vector<TokenId> so_far(512);
  for (size_t i = 0; i < so_far.size(); ++i) so_far[i] = static_cast<TokenId>(i % 100);
  for (auto _ : state) {
    row = logits;
    benchmark::DoNotOptimize(sampler.sample(row, so_far));
  }
}

void by_default(benchmark::State& state) { sample_with(state, {}); }
BENCHMARK(by_default)->Unit(benchmark::kMicrosecond);

void greedy(benchmark::State& state) {
  GenerationOptions options;
  options.temperature = 0.0F;
  sample_with(state, options);
}
BENCHMARK(greedy)->Unit(benchmark::kMicrosecond);

}  // namespace
}  // namespace hearth
