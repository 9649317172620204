// What sequences share, as ratios in one run: hearth_sequences FIGURE MODEL [COUNT|DRAFT|SCHEMAS] [--avx2].
//
// batch: tokens a second of COUNT answers, by default eight, written together over those of one alone.
//
// prefix: time to the first token after a prompt of 2,000 that was read before, over that of the first time.
//
// cancel: time from cancelling a prompt of 2,000 in its midst to the end of its generation, over that of
// reading it.
//
// lookup: tokens a second with prompt lookup over those without, where the answer repeats its prompt with
// edits. MODEL's next token must hang on the last alone (hearth make-model --attention-gain 0).
//
// draft: the same with DRAFT, a smaller model of the same vocabulary.
//
// grammar: time of a step of an answer that is held to a JSON schema over that of one that is free; of every
// twelfth schema in SCHEMAS, a file with a line {"schema": ...} for each. What is forced takes no step.
//
// --avx2 holds all to that instruction set.
//
// Turns of both go on by turns; times are processor seconds of all threads, so that others of the machine do
// not count, and on the wall. Prints JSON.
#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <fstream>
#include <functional>
#include <nlohmann/json.hpp>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "engine/base/random.h"
#include "engine/grammar/json_schema.h"
#include "engine/runtime/engine.h"

namespace hearth {
namespace {

constexpr int kRounds = 5;

template <typename T>
T require(Result<T> result) {
  if (result.ok()) return std::move(result).value();
  std::fprintf(stderr, "%s\n", result.error().message.c_str());
  std::exit(1);
}

struct Seconds {
  double processor = 0;
  double wall = 0;
};

Seconds operator+(Seconds a, Seconds b) { return {a.processor + b.processor, a.wall + b.wall}; }
Seconds operator*(Seconds time, double by) { return {time.processor * by, time.wall * by}; }
Seconds operator/(Seconds time, double by) { return {time.processor / by, time.wall / by}; }

Seconds now() {
  const auto wall = std::chrono::steady_clock::now().time_since_epoch();
  return {static_cast<double>(std::clock()) / CLOCKS_PER_SEC, std::chrono::duration<double>(wall).count()};
}

struct Bench {
  Engine engine;

  GenerationRequest request(std::vector<TokenId> prompt, int32_t tokens,
                            const char* speculation = "off") const {
    GenerationRequest made;
    made.prompt = std::move(prompt);
    made.max_tokens = tokens;
    made.temperature = 0.0F;
    made.ignore_end = true;
    made.speculation = speculation;
    return made;
  }

  std::vector<std::shared_ptr<Generation>> submitted(const std::vector<GenerationRequest>& requests) {
    std::vector<std::shared_ptr<Generation>> all;
    all.reserve(requests.size());
    for (const GenerationRequest& each : requests) all.push_back(require(engine.scheduler->submit(each)));
    return all;
  }

  /// From the first tokens of all to the last ones, and how many steps that took.
  Seconds decode(const std::vector<GenerationRequest>& requests, Usage* usage = nullptr,
                 int32_t* steps = nullptr) {
    const auto all = submitted(requests);
    const auto has_begun = [](const auto& generation, const GenerationRequest& asked) {
      return generation->tokens().size() > asked.prompt.size();
    };
    while (!std::equal(all.begin(), all.end(), requests.begin(), has_begun)) engine.scheduler->step();
    const Seconds begin = now();
    while (engine.scheduler->step()) {
      if (steps != nullptr) ++*steps;
    }
    const Seconds end = now();
    while (auto event = all.front()->next()) {
      if (usage != nullptr) *usage = event->usage;
    }
    return {end.processor - begin.processor, end.wall - begin.wall};
  }

  Seconds first_token(const std::vector<TokenId>& prompt) {
    const auto generation = require(engine.scheduler->submit(request(prompt, 1)));
    const Seconds begin = now();
    while (engine.scheduler->step()) {
    }
    const Seconds end = now();
    return {end.processor - begin.processor, end.wall - begin.wall};
  }

  std::vector<TokenId> random_text(size_t count, uint64_t seed) const {
    RandomStream random(seed);
    std::vector<TokenId> tokens;
    for (size_t i = 0; i < count; ++i) {
      tokens.push_back(static_cast<TokenId>(random.uniform() * engine.model->info().vocab_size));
    }
    return tokens;
  }

  /// All of their tokens, prompts included.
  std::vector<std::vector<TokenId>> answers(const std::vector<GenerationRequest>& requests) {
    const auto all = submitted(requests);
    while (engine.scheduler->step()) {
    }
    std::vector<std::vector<TokenId>> texts;
    texts.reserve(all.size());
    for (const auto& generation : all) {
      texts.emplace_back(generation->tokens().begin(), generation->tokens().end());
    }
    return texts;
  }
};

/// Of each round: the first time over the second.
struct Ratios {
  std::vector<double> processor, wall;

  void add(Seconds above, Seconds below) {
    processor.push_back(above.processor / below.processor);
    wall.push_back(above.wall / below.wall);
  }
  static nlohmann::ordered_json summary(std::vector<double> values) {
    std::sort(values.begin(), values.end());
    return {{"median", values[values.size() / 2]}, {"min", values.front()}, {"max", values.back()}};
  }
  nlohmann::ordered_json json() const {
    return {{"processorSeconds", summary(processor)}, {"wall", summary(wall)}};
  }
};

nlohmann::ordered_json batch(Bench& bench, size_t sequences) {
  constexpr int32_t kTokens = 24;
  std::vector<GenerationRequest> together;
  for (size_t i = 0; i < sequences; ++i) together.push_back(bench.request(bench.random_text(16, i), kTokens));
  Ratios ratios;
  Seconds quickest{1e9, 1e9};
  for (int round = 0; round < kRounds; ++round) {
    const Seconds alone = bench.decode({together.front()});
    const Seconds all = bench.decode(together);
    ratios.add(alone, all / static_cast<double>(sequences));
    quickest = {std::min(quickest.processor, all.processor), std::min(quickest.wall, all.wall)};
  }
  nlohmann::ordered_json json = ratios.json();
  const double written = static_cast<double>(sequences) * (kTokens - 1);
  json["tokensPerSecond"] = {{"processor", written / quickest.processor}, {"wall", written / quickest.wall}};
  return json;
}

nlohmann::ordered_json prefix(Bench& bench) {
  Ratios ratios;
  for (uint64_t round = 0; round < 3; ++round) {
    const std::vector<TokenId> prompt = bench.random_text(2000, round);
    std::vector<TokenId> again = prompt;
    again.back() = again.back() == 5 ? 6 : 5;
    const Seconds first = bench.first_token(prompt);
    ratios.add(bench.first_token(again), first);
  }
  return ratios.json();
}

nlohmann::ordered_json cancel(Bench& bench) {
  constexpr size_t kTokens = 2000;
  bench.first_token(bench.random_text(kTokens, kRounds + 1));  // to warm up
  const Seconds whole = bench.first_token(bench.random_text(kTokens, 0));
  Ratios ratios;
  for (uint64_t round = 1; round <= kRounds; ++round) {
    const auto generation =
        require(bench.engine.scheduler->submit(bench.request(bench.random_text(kTokens, round), 1)));
    Seconds begin;
    // At other places of a step each time.
    const std::chrono::duration<double> delay(whole.wall * static_cast<double>(round) / (kRounds + 1.5));
    std::thread other([&] {
      std::this_thread::sleep_for(delay);
      begin = now();
      generation->cancel();
    });
    while (bench.engine.scheduler->step()) {
    }
    const Seconds end = now();
    other.join();
    if (end.wall < begin.wall) continue;  // read to its end before it was cancelled
    ratios.add({end.processor - begin.processor, end.wall - begin.wall}, whole);
  }
  if (ratios.wall.empty()) {
    std::fprintf(stderr, "each prompt was read before it was cancelled\n");
    std::exit(1);
  }
  return ratios.json();
}

/// With and without speculation, after checking that it changes nothing.
nlohmann::ordered_json speculation(Bench& bench, const std::vector<TokenId>& prompt, int32_t tokens,
                                   const char* how) {
  Ratios ratios;
  Usage usage;
  if (bench.answers({bench.request(prompt, tokens)}) != bench.answers({bench.request(prompt, tokens, how)})) {
    std::fprintf(stderr, "speculation changed the text\n");
    std::exit(1);
  }
  for (int round = 0; round < kRounds; ++round) {
    const Seconds plain = bench.decode({bench.request(prompt, tokens)});
    ratios.add(plain, bench.decode({bench.request(prompt, tokens, how)}, &usage));
  }
  nlohmann::ordered_json json = ratios.json();
  json["draftedTokens"] = usage.drafted_tokens;
  json["acceptedTokens"] = usage.accepted_tokens;
  json["completionTokens"] = usage.completion_tokens;
  return json;
}

size_t distinct(std::vector<TokenId> tokens) {
  std::sort(tokens.begin(), tokens.end());
  return static_cast<size_t>(std::unique(tokens.begin(), tokens.end()) - tokens.begin());
}

/// A text that MODEL would write, with every twentieth token another, and then its first token again: the
/// answer is the text without the edits. Of several texts the one that takes longest to run in a circle.
nlohmann::ordered_json lookup(Bench& bench) {
  constexpr int32_t kTokens = 100;
  std::vector<GenerationRequest> requests;
  for (uint64_t seed = 0; seed < 16; ++seed)
    requests.push_back(bench.request(bench.random_text(1, seed), kTokens));
  std::vector<TokenId> text;
  for (const std::vector<TokenId>& each : bench.answers(requests)) {
    if (distinct(each) > distinct(text)) text = each;
  }
  std::vector<TokenId> prompt = text;
  const std::vector<TokenId> others = bench.random_text(text.size(), 99);
  for (size_t i = 19; i < prompt.size(); i += 20) prompt[i] = others[i];
  prompt.push_back(text.front());
  nlohmann::ordered_json json = speculation(bench, prompt, kTokens, "lookup");
  json["distinctTokens"] = distinct(text);
  return json;
}

nlohmann::ordered_json grammar(Bench& bench, const char* schemas) {
  constexpr int32_t kTokens = 32;
  constexpr size_t kEvery = 12;
  constexpr int32_t kFewestSteps = 8;
  Ratios ratios;
  Ratios together;
  Seconds all;
  Seconds all_free;
  std::ifstream file(schemas);
  size_t number = 0;
  for (std::string line; std::getline(file, line); ++number) {
    if (number % kEvery != 0) continue;
    GenerationRequest free = bench.request(bench.random_text(16, number), kTokens);
    free.temperature = 1.0F;
    free.seed = number;
    GenerationRequest held = free;
    held.json_schema = nlohmann::ordered_json::parse(line)["schema"].dump();
    if (!read_json_schema(held.json_schema).ok()) continue;
    int32_t steps = 0;
    const Seconds time = bench.decode({held}, nullptr, &steps);
    if (steps < kFewestSteps) continue;
    free.max_tokens = steps + 1;
    int32_t steps_free = 0;
    const Seconds time_free = bench.decode({free}, nullptr, &steps_free);
    const Seconds as_many = time_free * (static_cast<double>(steps) / steps_free);
    ratios.add(time, as_many);
    all = all + time;
    all_free = all_free + as_many;
  }
  if (ratios.wall.empty()) return {{"schemas", 0}};
  together.add(all, all_free);
  nlohmann::ordered_json json = ratios.json();
  json["together"] = {{"processorSeconds", together.processor.front()}, {"wall", together.wall.front()}};
  json["schemas"] = ratios.wall.size();
  return json;
}

int run(int argc, char** argv) {
  LoadOptions options;
  if (argc > 3 && std::string_view(argv[argc - 1]) == "--avx2") {
    options.instruction_set = "avx2";
    --argc;
  }
  if (argc < 3) {
    std::fprintf(stderr,
                 "usage: hearth_sequences batch|prefix|cancel|lookup|draft|grammar MODEL "
                 "[COUNT|DRAFT|SCHEMAS] [--avx2]\n");
    return 2;
  }
  const std::string_view figure = argv[1];
  options.context_size = 2304;
  options.cache_positions = 8192;
  options.max_sequences = 64;
  if (argc > 3 && figure == "draft") options.draft = argv[3];
  const size_t count = argc > 3 && figure == "batch" ? std::strtoul(argv[3], nullptr, 10) : 8;
  if (count == 0) return 2;
  Bench bench{require(Engine::open(std::filesystem::path(argv[2]), options))};
  nlohmann::ordered_json json = figure == "batch"     ? batch(bench, count)
                                : figure == "prefix"  ? prefix(bench)
                                : figure == "cancel"  ? cancel(bench)
                                : figure == "grammar" ? grammar(bench, argc > 3 ? argv[3] : "")
                                : figure == "lookup"
                                    ? lookup(bench)
                                    : speculation(bench, bench.random_text(16, 1), 96, "draft");
  json["figure"] = figure;
  json["device"] = bench.engine.model->info().device;
  std::printf("%s\n", json.dump(2).c_str());
  return 0;
}

}  // namespace
}  // namespace hearth

// NOLINTNEXTLINE(bugprone-exception-escape): what is thrown ends a benchmark.
int main(int argc, char** argv) { return hearth::run(argc, argv); }
