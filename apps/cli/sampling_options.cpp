#include "apps/cli/sampling_options.h"

#include <utility>

namespace hearth::cli {

void add_sampling_options(CLI::App& command, SamplingOptions& options) {
  const std::string group = "Sampling";
  command
      .add_option("-n,--max-tokens", options.max_tokens,
                  "Longest answer, in tokens; until it ends by default")
      ->check(CLI::Range(1, INT32_MAX))
      ->group(group);
  command.add_option("--temperature", options.temperature, "0: always the likeliest token; 0.8 by default")
      ->group(group);
  command.add_option("--top-k", options.top_k, "Choose among the k likeliest (0: all); 40 by default")
      ->group(group);
  command
      .add_option("--top-p", options.top_p,
                  "Choose among the likeliest that make up p of the probability; 0.95 by default")
      ->group(group);
  command
      .add_option("--min-p", options.min_p,
                  "Choose among those at least so probable, relative to the likeliest; 0.05 by default")
      ->group(group);
  command
      .add_option("--repetition-penalty", options.repetition_penalty,
                  "Divide the logits of recent tokens; 1 (none) by default")
      ->group(group);
  command
      .add_option("--frequency-penalty", options.frequency_penalty,
                  "Lower logits for each recent occurrence; 0 by default")
      ->group(group);
  command
      .add_option("--presence-penalty", options.presence_penalty,
                  "Lower the logits of recent tokens once; 0 by default")
      ->group(group);
  command.add_option("--seed", options.seed, "The same seed gives the same text")->group(group);
  command.add_option("--stop", options.stop, "End the answer before this text; may be given several times")
      ->allow_extra_args(false)
      ->group(group);
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
