// hearth bench: how fast a model reads a prompt and writes an answer on this machine.
#include <fmt/format.h>
#include <sys/resource.h>

#include <algorithm>
#include <chrono>
#include <memory>
#include <string>
#include <vector>

#include "apps/cli/commands.h"
#include "apps/cli/console.h"
#include "apps/cli/interrupt.h"
#include "apps/cli/model_argument.h"
#include "apps/cli/model_options.h"
#include "apps/cli/table_option.h"
#include "engine/base/escaped.h"

namespace hearth::cli {
namespace {

struct BenchOptions {
  ModelOptions model;
  int prompt = 512;
  int generate = 128;
  int repetitions = 5;
  bool json = false;
  bool profile = false;
};

struct Rates {
  std::vector<double> tokens_per_second;

  double median() const {
    std::vector<double> sorted = tokens_per_second;
    std::sort(sorted.begin(), sorted.end());
    const size_t middle = sorted.size() / 2;
    return sorted.size() % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
  }
  double lowest() const { return *std::min_element(tokens_per_second.begin(), tokens_per_second.end()); }
  double highest() const { return *std::max_element(tokens_per_second.begin(), tokens_per_second.end()); }
  nlohmann::ordered_json json() const {
    if (tokens_per_second.empty()) return nullptr;
    return {{"median", median()}, {"min", lowest()}, {"max", highest()}};
  }
};

/// Highest resident memory of this process so far, in bytes.
uint64_t peak_resident_bytes() {
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  return static_cast<uint64_t>(usage.ru_maxrss) * 1024;  // Linux counts KiB
}

double seconds_since(std::chrono::steady_clock::time_point begin) {
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
}

/// Reads a prompt of `count` tokens once, for the logits that follow its last one.
Result<double> time_prefill(const LoadedModel& loaded, int count) {
  std::vector<TokenId> tokens;
  tokens.reserve(static_cast<size_t>(count));
  // Different tokens, so that nothing is measured that only equal rows would give.
  for (int i = 0; i < count; ++i) tokens.push_back((7 + i * 31) % loaded.model->info().vocab_size);
  const auto begin = std::chrono::steady_clock::now();
  HEARTH_TRY(
      loaded.scheduler->logits(tokens, tokens.size() - 1, [](size_t, auto) { return !interrupted(); }));
  return count / seconds_since(begin);
}

/// Writes `count` tokens from an empty context, greedily, past any end token.
Result<double> time_decode(const LoadedModel& loaded, int count) {
  GenerationRequest request;
  const TokenId bos = loaded.model->tokenizer().special().bos;
  request.prompt = {bos == kNoToken ? 0 : bos};
  request.max_tokens = count;
  request.temperature = 0.0F;
  request.ignore_end = true;
  HEARTH_ASSIGN(const auto generation, loaded.scheduler->submit(std::move(request)));
  const auto begin = std::chrono::steady_clock::now();
  while (loaded.scheduler->step()) {
    if (interrupted()) generation->cancel();
  }
  const double seconds = seconds_since(begin);
  while (const auto event = generation->next()) {
    if (event->error) return *event->error;
    if (event->finish == FinishReason::kCancelled) return Error{ErrorCode::kAborted, "interrupted"};
  }
  return count / seconds;
}

/// One run to warm up, which is not counted, then the repetitions.
Result<Rates> measure(const LoadedModel& loaded, const BenchOptions& options, const char* what, int count,
                      Result<double> (*run)(const LoadedModel&, int)) {
  Rates rates;
  if (count == 0) return rates;
  ProgressLine line;
  for (int repetition = 0; repetition <= options.repetitions; ++repetition) {
    line.show(what, static_cast<uint64_t>(repetition), static_cast<uint64_t>(options.repetitions) + 1);
    HEARTH_ASSIGN(const double rate, run(loaded, count));
    if (repetition > 0) rates.tokens_per_second.push_back(rate);
  }
  return rates;
}

std::string as_line(const char* what, int count, const Rates& rates) {
  if (rates.tokens_per_second.empty()) return "";
  return fmt::format("{:<8} {:>5} tokens: {:>9.2f} tokens/s (median; {:.2f} to {:.2f})\n", what, count,
                     rates.median(), rates.lowest(), rates.highest());
}

/// The longest first, with each one's share of all.
std::string as_lines(const std::vector<KernelTime>& times) {
  double all = 0.0;
  for (const KernelTime& time : times) all += time.seconds;
  std::string lines;
  for (const KernelTime& time : times) {
    lines += fmt::format("{:>5.1f} % {:>10.3f} ms {:>8} calls  {}\n", 100 * time.seconds / all,
                         1e3 * time.seconds, time.calls, time.kernel);
  }
  return lines;
}

nlohmann::ordered_json as_json(const std::vector<KernelTime>& times) {
  auto list = nlohmann::ordered_json::array();
  for (const auto& [kernel, calls, seconds] : times) {
    list.push_back({{"kernel", kernel}, {"calls", calls}, {"seconds", seconds}});
  }
  return list;
}

Result<void> bench(const BenchOptions& options) {
  catch_interrupts();
  ModelOptions model_options = options.model;
  model_options.set_default_context(std::max({options.prompt, options.generate + 1, 64}));
  HEARTH_ASSIGN(const LoadedModel loaded, load_model(model_options));
  if (options.profile) loaded.model->backend().begin_profile();
  HEARTH_ASSIGN(const Rates prefill, measure(loaded, options, "prefill", options.prompt, time_prefill));
  HEARTH_ASSIGN(const Rates decode, measure(loaded, options, "decode", options.generate, time_decode));
  const ModelInfo& info = loaded.model->info();
  const uint64_t peak = peak_resident_bytes();
  const std::vector<KernelTime> times = loaded.model->backend().profile();
  if (!options.json) {
    return put(fmt::format("{} ({}, {}), {}\n{}{}load     {:.1f} ms\nmemory   {} at its peak\n",
                           escaped(info.name), info.quantization, readable_bytes(info.file_size), info.device,
                           as_line("prefill", options.prompt, prefill),
                           as_line("decode", options.generate, decode), loaded.load_ms,
                           readable_bytes(peak)) +
               as_lines(times));
  }
  nlohmann::ordered_json json = {{"model", info.name},
                                 {"architecture", info.architecture},
                                 {"quantization", info.quantization},
                                 {"fileSize", info.file_size},
                                 {"device", info.device},
                                 {"promptTokens", options.prompt},
                                 {"generatedTokens", options.generate},
                                 {"repetitions", options.repetitions},
                                 {"prefillTokensPerSecond", prefill.json()},
                                 {"decodeTokensPerSecond", decode.json()},
                                 {"loadMs", loaded.load_ms},
                                 {"peakRssBytes", peak}};
  if (options.profile) json["kernels"] = as_json(times);
  return put_json(json, 2);
}

}  // namespace

void add_bench_command(CLI::App& app) {
  auto options = std::make_shared<BenchOptions>();
  CLI::App* command = app.add_subcommand("bench", "Measure the speed of a model");
  command
      ->add_option("model", options->model.path,
                   "GGUF file, or a downloaded model; the bundled model by default")
      ->check(model_name());
  command->add_option("-p,--prompt", options->prompt, "Length of the prompt, in tokens (0: skip)")
      ->transform(whole_number(0, 1 << 24))
      ->capture_default_str();
  command->add_option("-n,--generate", options->generate, "Length of the answer, in tokens (0: skip)")
      ->transform(whole_number(0, 1 << 24))
      ->capture_default_str();
  command->add_option("-r,--repetitions", options->repetitions, "Runs that count, after one to warm up")
      ->transform(whole_number(1, 1000))
      ->capture_default_str();
  command->add_flag("--profile", options->profile,
                    "Print what each of a GPU's kernels took, by its own clock");
  command->add_flag("--json", options->json, "Print the figures as JSON");
  add_model_options(*command, options->model);
  command->get_option("--context")
      ->description(
          "Positions of the context, 1 to 16777216; by default as many as are measured, 64 at least");
  command->footer("Example:\n  hearth bench model.gguf -p 512 -n 128 -t 4 -r 5 --json");
  command->callback([options] { leave_on_error(bench(*options)); });
}

}  // namespace hearth::cli
