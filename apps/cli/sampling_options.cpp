#include "apps/cli/sampling_options.h"

#include <string_view>
#include <utility>

#include "apps/cli/table_option.h"

namespace hearth::cli {

namespace {

constexpr const char* kGroup = "Sampling";

/// -1, as the table has it, asks for a new one.
void add_seed(CLI::App& command, std::optional<uint64_t>& seed) {
  const Option& option = option_named<hearth_generation_options>("seed");
  const auto take = [&seed](const std::string& text) {
    seed = text.front() == '-' ? std::nullopt : std::optional<uint64_t>(std::stoull(text));
  };
  command.add_option_function<std::string>("--seed", take, describe(option))
      ->type_name("INT")
      ->transform(value_of(option))
      ->group(kGroup);
}

}  // namespace

void add_sampling_options(CLI::App& command, SamplingOptions& options) {
  const auto add = [&command](const std::string& flags, std::string_view name, auto& into) {
    add_option<hearth_generation_options>(command, flags, name, into)->group(kGroup);
  };
  add("-n,--max-tokens", "maxTokens", options.max_tokens);
  add("--temperature", "temperature", options.temperature);
  add("--top-k", "topK", options.top_k);
  add("--top-p", "topP", options.top_p);
  add("--min-p", "minP", options.min_p);
  add("--repetition-penalty", "repetitionPenalty", options.repetition_penalty);
  add("--frequency-penalty", "frequencyPenalty", options.frequency_penalty);
  add("--presence-penalty", "presencePenalty", options.presence_penalty);
  add_seed(command, options.seed);
  command.add_option("--stop", options.stop, "End the answer before this text; may be given several times")
      ->allow_extra_args(false)
      ->group(kGroup);
}

GenerationRequest make_request(const Model& model, const SamplingOptions& options,
                               std::vector<TokenId> prompt) {
  GenerationRequest request;
  request.prompt = std::move(prompt);
  request.max_tokens = options.max_tokens;
  request.stop = options.stop;
  request.sampling = model.recommended_sampling();
  const auto replace = [](auto& value, const auto& given) {
    if (given) value = *given;
  };
  replace(request.sampling.temperature, options.temperature);
  replace(request.sampling.top_k, options.top_k);
  replace(request.sampling.top_p, options.top_p);
  replace(request.sampling.min_p, options.min_p);
  replace(request.sampling.repetition_penalty, options.repetition_penalty);
  replace(request.sampling.frequency_penalty, options.frequency_penalty);
  replace(request.sampling.presence_penalty, options.presence_penalty);
  request.sampling.seed = options.seed;
  return request;
}

}  // namespace hearth::cli
