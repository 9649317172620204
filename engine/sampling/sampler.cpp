#include "engine/sampling/sampler.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <random>
#include <string_view>
#include <utility>

#include "engine/compute/highest.h"
#include "engine/sampling/mirostat.h"
#include "engine/sampling/penalties.h"
#include "engine/sampling/temperature.h"
#include "engine/sampling/truncation.h"

namespace hearth {

/// What a step works with.
struct StepContext {
  const GenerationOptions& options;
  std::span<const TokenId> so_far;
  const TokenBytes& bytes_of;
  Candidates& left;
  RandomStream& random;
};

enum class StepKind {
  kPenalty,      // says how likely tokens are
  kTruncation,   // leaves fewer candidates
  kTemperature,  // says how freely one of them is drawn
};

struct SamplerStep {
  std::string_view name;
  StepKind kind;
  bool (*is_on)(const GenerationOptions& options);
  /// Whether it must know all that is left, not the highest alone.
  bool (*wants_all)(const GenerationOptions& options);
  void (*run)(const StepContext& context);
};

namespace {

bool always(const GenerationOptions&) { return true; }
bool never(const GenerationOptions&) { return false; }

constexpr SamplerStep kSteps[] = {
    {"penalties", StepKind::kPenalty,
     [](const GenerationOptions& options) {
       return options.repetition_penalty != 1.0F || options.frequency_penalty != 0.0F ||
              options.presence_penalty != 0.0F;
     },
     [](const GenerationOptions& options) {  // where it raises logits
       return options.repetition_penalty < 1.0F || options.frequency_penalty < 0.0F ||
              options.presence_penalty < 0.0F;
     },
     [](const StepContext& context) { apply_penalties(context.left, context.options, context.so_far); }},
    {"dry", StepKind::kPenalty,
     [](const GenerationOptions& options) { return options.dry_multiplier > 0.0F; }, never,
     [](const StepContext& context) {
       penalise_repetition(context.left, context.options, context.so_far, context.bytes_of);
     }},
    {"topNSigma", StepKind::kTruncation,
     [](const GenerationOptions& options) { return options.top_n_sigma > 0.0F; }, always,
     [](const StepContext& context) { keep_top_n_sigma(context.left, context.options.top_n_sigma); }},
    {"topK", StepKind::kTruncation, [](const GenerationOptions& options) { return options.top_k > 0; },
     [](const GenerationOptions& options) { return options.top_k > Highest::kCount; },
     [](const StepContext& context) {
       context.left.keep_highest(static_cast<size_t>(context.options.top_k));
     }},
    {"typicalP", StepKind::kTruncation,
     [](const GenerationOptions& options) { return options.typical_p < 1.0F; }, always,
     [](const StepContext& context) { keep_typical(context.left, context.options.typical_p); }},
    {"topP", StepKind::kTruncation, [](const GenerationOptions& options) { return options.top_p < 1.0F; },
     always, [](const StepContext& context) { keep_top_p(context.left, context.options.top_p); }},
    {"minP", StepKind::kTruncation, [](const GenerationOptions& options) { return options.min_p > 0.0F; },
     never, [](const StepContext& context) { keep_min_p(context.left, context.options.min_p); }},
    {"xtc", StepKind::kTruncation,
     [](const GenerationOptions& options) {
       // Of two candidates at least one is not more than half as likely.
       return options.xtc_probability > 0.0F && options.xtc_threshold <= 0.5F;
     },
     always,
     [](const StepContext& context) {
       exclude_top_choices(context.left, context.options.xtc_probability, context.options.xtc_threshold,
                           context.random);
     }},
    {"temperature", StepKind::kTemperature,
     [](const GenerationOptions& options) {
       return options.temperature != 1.0F || options.dynatemp_range > 0.0F;
     },
     [](const GenerationOptions& options) { return options.dynatemp_range > 0.0F; },
     [](const StepContext& context) {
       apply_temperature(context.left, context.options.temperature, context.options.dynatemp_range,
                         context.options.dynatemp_exponent);
     }},
};
static_assert(std::size(kSteps) == std::size(kSamplers));

/// Whether what is to be drawn, and how, has a use for the step.
bool takes_part(const SamplerStep& step, const GenerationOptions& options) {
  if (options.temperature == 0.0F && step.kind != StepKind::kPenalty) return false;
  if (options.mirostat != 0 && step.kind == StepKind::kTruncation) return false;
  return step.is_on(options);
}

Result<void> require(bool holds, const char* option, const char* values, double value) {
  if (holds) return {};
  return Error{ErrorCode::kInvalidArgument, fmt::format("{} must be {}, not {}", option, values, value)};
}

Result<void> check(const std::vector<LogitBias>& biases, int32_t n_vocab) {
  for (const auto& [token, bias] : biases) {
    HEARTH_TRY(require(token >= 0 && token < n_vocab, "a token of logitBias",
                       fmt::format("from 0 to {}", n_vocab - 1).c_str(), token));
    HEARTH_TRY(require(bias == -std::numeric_limits<float>::infinity() || std::isfinite(bias),
                       "a bias of logitBias", "a number or minus infinity", bias));
  }
  return {};
}

/// What is banned stays so, even where the model is certain of it.
float biased(float logit, float bias) {
  return bias == -std::numeric_limits<float>::infinity() ? bias : logit + bias;
}

/// One of the candidates that are left.
Candidate draw_from(Candidates& left, RandomStream& random) {
  std::vector<Candidate>& list = left.list();
  // Sorted by id, so that which steps sorted or heaped them before has no say in the draw.
  std::sort(list.begin(), list.end(),
            [](const Candidate& a, const Candidate& b) { return a.token < b.token; });
  const double target = random.uniform() * left.total_weight();
  double reached = 0.0;
  for (const Candidate& candidate : list) {
    reached += left.weight(candidate.logit);
    if (reached > target) return candidate;
  }
  return list.back();
}

}  // namespace

Result<Sampler> Sampler::create(GenerationOptions options, int32_t n_vocab, TokenBytes bytes_of) {
  HEARTH_TRY(check(options.logit_bias, n_vocab));
  if (!options.seed) {
    std::random_device device;
    // 53 bits, which a number of JavaScript holds: whoever reads the seed there can give it again.
    options.seed = (uint64_t{device()} << 32 | device()) >> 11;
  }
  if (!bytes_of) options.dry_sequence_breakers.clear();
  return Sampler(std::move(options), std::move(bytes_of));
}

Sampler::Sampler(GenerationOptions options, TokenBytes bytes_of)
    : options_(std::move(options)),
      bytes_of_(std::move(bytes_of)),
      state_{RandomStream(*options_.seed), 2.0 * static_cast<double>(options_.mirostat_tau)} {
  for (const std::string& name : options_.samplers) {
    for (const SamplerStep& step : kSteps) {
      if (step.name == name && takes_part(step, options_)) steps_.push_back(&step);
    }
  }
}

TokenId Sampler::sample(std::span<float> logits, std::span<const TokenId> so_far) {
  left_.start(logits);
  return *choose(so_far);
}

bool Sampler::wants_all_logits() const {
  const auto raises = [](const LogitBias& bias) { return bias.bias > 0.0F; };
  if (std::ranges::any_of(options_.logit_bias, raises)) return true;
  for (const SamplerStep* step : steps_) {
    if (step->wants_all(options_)) return true;
    if (step->kind == StepKind::kTruncation) return false;
  }
  return options_.temperature != 0.0F;
}

std::optional<TokenId> Sampler::sample_highest(std::span<const Candidate> highest, bool are_all,
                                               std::span<const TokenId> so_far) {
  left_.start(highest, are_all);
  return choose(so_far);
}

/// None where some that may be chosen are not among the candidates. No random number is drawn then.
std::optional<TokenId> Sampler::choose(std::span<const TokenId> so_far) {
  for (const LogitBias& bias : options_.logit_bias) {
    left_.adjust(std::span(&bias.token, 1), [&](float logit, size_t) { return biased(logit, bias.bias); });
  }
  const StepContext context{options_, so_far, bytes_of_, left_, state_.random};
  for (const SamplerStep* step : steps_) {
    step->run(context);
    if (step->kind == StepKind::kTruncation && left_.lacks_some()) return std::nullopt;
  }
  if (options_.temperature != 0.0F) left_.list();  // which is shorter to look through than the row
  const TokenId likeliest = left_.likeliest();
  if (likeliest == kNoToken && left_.lacks_some()) return std::nullopt;
  return options_.temperature == 0.0F || likeliest == kNoToken ? likeliest : draw();
}

TokenId Sampler::draw() {
  if (options_.mirostat == 0) return draw_from(left_, state_.random).token;
  keep_by_mirostat(left_, options_.mirostat, state_.mirostat_limit);
  const Candidate drawn = draw_from(left_, state_.random);
  const double surprise = std::log2(left_.total_weight() / left_.weight(drawn.logit));
  state_.mirostat_limit -=
      static_cast<double>(options_.mirostat_eta) * (surprise - static_cast<double>(options_.mirostat_tau));
  return drawn.token;
}

}  // namespace hearth
