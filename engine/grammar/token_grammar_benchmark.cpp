// What a grammar costs a sequence: making it ready, and the masks of its steps.
//
// Each real schema of the shared test data is made ready on Llama 3's vocabulary of 128 Ki tokens, and its
// valid instances are written token by token, with a mask asked for before each. Counters tell how long that
// took in microseconds, of processor time: of all masks the mean, the 99th percentile and the longest.
#include <benchmark/benchmark.h>

#include <algorithm>
#include <ctime>
#include <fstream>
#include <memory>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "engine/grammar/constraint.h"
#include "engine/grammar/json_schema.h"
#include "engine/grammar/token_grammar.h"
#include "engine/text/tokenizer_testdata.h"

namespace hearth {
namespace {

using nlohmann::ordered_json;

struct RealSchema {
  std::string text;
  std::vector<std::string> instances;
};

std::vector<RealSchema> real_schemas() {
  std::vector<RealSchema> schemas;
  std::ifstream file(testing::testdata() / "jsonschema/real.jsonl");
  for (std::string line; std::getline(file, line);) {
    const ordered_json json = ordered_json::parse(line);
    RealSchema schema{json["schema"].dump(), {}};
    for (const ordered_json& instance : json["instances"]) {
      if (instance["valid"] == true) schema.instances.push_back(instance["value"].dump());
    }
    schemas.push_back(std::move(schema));
  }
  return schemas;
}

double processor_microseconds() { return static_cast<double>(std::clock()) * 1e6 / CLOCKS_PER_SEC; }

template <typename Work>
double time_of(Work&& work) {
  const double begin = processor_microseconds();
  work();
  return processor_microseconds() - begin;
}

void tell(benchmark::State& state, std::vector<double> times) {
  if (times.empty()) return state.SkipWithError("nothing was measured");
  std::sort(times.begin(), times.end());
  double sum = 0;
  for (const double time : times) sum += time;
  const auto at = [&](double share) {
    return times[static_cast<size_t>(share * static_cast<double>(times.size() - 1))];
  };
  state.counters["count"] = static_cast<double>(times.size());
  state.counters["mean_us"] = sum / static_cast<double>(times.size());
  state.counters["p50_us"] = at(0.50);
  state.counters["p95_us"] = at(0.95);
  state.counters["p99_us"] = at(0.99);
  state.counters["longest_us"] = times.back();
}

/// A mask for each token of a text; the text's tokens are those of the model's own tokenizer.
void write(TokenGrammar& grammar, std::shared_ptr<TokenGrammar> shared, const std::string& text,
           std::vector<double>& times) {
  Constraint constraint(std::move(shared));
  for (const TokenId token : grammar.vocabulary().tokenizer().encode(text, false, false)) {
    times.push_back(time_of([&] { benchmark::DoNotOptimize(constraint.allowed().ok()); }));
    if (!constraint.accept(token)) return;
  }
}

struct Fixture {
  std::unique_ptr<const Tokenizer> tokenizer = testing::load_reference_tokenizer("llama-bpe").value();
  TokenVocabulary vocabulary{*tokenizer};
  std::vector<RealSchema> schemas = real_schemas();
};

Fixture& fixture() {
  static Fixture made;
  return made;
}

void make_ready(benchmark::State& state) {
  std::vector<double> times;
  for (auto _ : state) {
    for (const RealSchema& schema : fixture().schemas) {
      const Result<Grammar> grammar = read_json_schema(schema.text);
      if (!grammar.ok()) continue;
      times.push_back(
          time_of([&] { benchmark::DoNotOptimize(TokenGrammar::create(*grammar, fixture().vocabulary)); }));
    }
  }
  tell(state, std::move(times));
}
BENCHMARK(make_ready)->Unit(benchmark::kMillisecond)->Iterations(1);

void read_and_make_ready(benchmark::State& state) {
  std::vector<double> times;
  for (auto _ : state) {
    for (const RealSchema& schema : fixture().schemas) {
      bool read = false;
      const double time = time_of([&] {
        const Result<Grammar> grammar = read_json_schema(schema.text);
        read = grammar.ok();
        if (read) benchmark::DoNotOptimize(TokenGrammar::create(*grammar, fixture().vocabulary));
      });
      if (read) times.push_back(time);
    }
  }
  tell(state, std::move(times));
}
BENCHMARK(read_and_make_ready)->Unit(benchmark::kMillisecond)->Iterations(1);

void mask_each_step(benchmark::State& state) {
  std::vector<double> times;
  for (auto _ : state) {
    for (const RealSchema& schema : fixture().schemas) {
      const Result<Grammar> grammar = read_json_schema(schema.text);
      if (!grammar.ok()) continue;
      const auto made = TokenGrammar::create(*grammar, fixture().vocabulary);
      if (!made.ok()) continue;
      for (const std::string& text : schema.instances) write(**made, *made, text, times);
    }
  }
  tell(state, std::move(times));
}
BENCHMARK(mask_each_step)->Unit(benchmark::kMillisecond)->Iterations(1);

}  // namespace
}  // namespace hearth
