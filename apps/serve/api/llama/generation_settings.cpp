#include "apps/serve/api/llama/generation_settings.h"

#include <algorithm>
#include <iterator>
#include <string_view>

#include "apps/serve/api/option_members.h"
#include "apps/serve/refusal.h"
#include "engine/options/option_values.h"

namespace hearth::serve::llama {

using nlohmann::ordered_json;

namespace {

/// What llama-server shows for a seed that is not chosen yet.
constexpr uint32_t kNewSeed = 0xFFFFFFFF;

constexpr std::string_view kNumbers[] = {"temperature",
                                         "dynatemp_range",
                                         "dynatemp_exponent",
                                         "top_k",
                                         "top_p",
                                         "min_p",
                                         "top_n_sigma",
                                         "xtc_probability",
                                         "xtc_threshold",
                                         "typical_p",
                                         "repeat_last_n",
                                         "repeat_penalty",
                                         "presence_penalty",
                                         "frequency_penalty",
                                         "dry_multiplier",
                                         "dry_base",
                                         "dry_allowed_length",
                                         "dry_penalty_last_n",
                                         "mirostat",
                                         "mirostat_tau",
                                         "mirostat_eta",
                                         "n_keep"};

std::string_view option_of(std::string_view name) {
  const auto found = std::find_if(kCommonOptions.begin(), kCommonOptions.end(),
                                  [name](const OptionMember& member) { return member.name == name; });
  return found->option;
}

/// A whole number as one, not as 40.0.
ordered_json number(double value, const Option& option) {
  return option.type == OptionType::kNumber ? ordered_json(value) : ordered_json(static_cast<int64_t>(value));
}

/// Pairs of a token and its bias; of one that is banned, null.
ordered_json biases(const ordered_json& options, const ordered_json& tokens, bool ignore_end) {
  ordered_json list = ordered_json::array();
  const ordered_json given = options.value("logitBias", ordered_json::object());
  for (const auto& [token, bias] : given.items()) {
    list.push_back({{"bias", bias}, {"token", std::stol(token)}});
  }
  for (const char* end : {"eos", "eot"}) {
    if (ignore_end && tokens.contains(end)) list.push_back({{"bias", nullptr}, {"token", tokens[end]}});
  }
  return list;
}

ordered_json sampler_names(const std::vector<std::string>& samplers) {
  ordered_json names = ordered_json::array();
  for (const std::string& sampler : samplers) names.push_back(sampler_name_of(sampler));
  return names;
}

}  // namespace

ordered_json generation_settings(const ordered_json& options, const ordered_json& tokens,
                                 std::optional<uint64_t> seed) {
  GenerationOptions values;
  const Result<void> set = set_options(values, options);
  if (!set.ok()) throw Refusal(set.error());
  ordered_json settings = {{"n_predict", values.max_tokens}, {"max_tokens", values.max_tokens}};
  settings["seed"] = seed ? *seed : values.seed.value_or(kNewSeed);
  for (const std::string_view name : kNumbers) {
    const auto* option = value_or_refuse(find_option<GenerationOptions>(option_of(name)));
    settings[std::string(name)] = number(number_in(values, *option), *option);
  }
  settings["dry_sequence_breakers"] = values.dry_sequence_breakers;
  settings["stop"] = values.stop;
  settings["ignore_eos"] = values.ignore_end;
  settings["n_probs"] = std::max(values.logprobs, 0);
  settings["grammar"] = values.grammar;
  settings["samplers"] = sampler_names(values.samplers);
  settings["logit_bias"] = biases(options, tokens, values.ignore_end);
  settings["lora"] = options.value("adapters", ordered_json::array());
  return settings;
}

}  // namespace hearth::serve::llama
