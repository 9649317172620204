#include "apps/serve/api/option_members.h"

#include <algorithm>
#include <iterator>
#include <string>

#include "apps/serve/refusal.h"
#include "engine/options/option_values.h"

namespace hearth::serve {

using nlohmann::ordered_json;

namespace {

/// Below what the option may be, other servers take numbers for "no limit".
ordered_json at_least_0(const ordered_json& given) {
  return given.is_number() && given.get<double>() < 0 ? ordered_json(0) : given;
}

ordered_json all_if_negative(const ordered_json& given) {
  return given.is_number() && given.get<double>() < 0 ? ordered_json(-1) : given;
}

/// Other servers' seeds have 32 bits or a sign; -1 asks for a new one, as the largest of 32 bits does.
ordered_json seed_of(const ordered_json& given) {
  constexpr uint64_t kNewSeed = 0xFFFFFFFF;
  if (!given.is_number_integer()) return given;
  const auto seed = given.get<uint64_t>();
  return seed == kNewSeed || seed == UINT64_MAX ? ordered_json(-1) : ordered_json(seed);
}

ordered_json unless_empty(const ordered_json& given) {
  return given.is_string() && given.get_ref<const std::string&>().empty() ? ordered_json() : given;
}

struct SamplerName {
  std::string_view theirs;
  char letter;
  std::string_view ours;
};
constexpr SamplerName kSamplerNames[] = {
    {"penalties", 'e', "penalties"},
    {"dry", 'd', "dry"},
    {"top_n_sigma", 's', "topNSigma"},
    {"top_k", 'k', "topK"},
    {"typ_p", 'y', "typicalP"},
    {"typical_p", 'y', "typicalP"},
    {"top_p", 'p', "topP"},
    {"min_p", 'm', "minP"},
    {"xtc", 'x', "xtc"},
    {"temperature", 't', "temperature"},
};

/// A list of names, or a letter for each; those that Hearth does not have are left out.
ordered_json samplers_of(const ordered_json& given) {
  ordered_json samplers = ordered_json::array();
  const auto add = [&](const auto& matches) {
    const auto* found = std::find_if(std::begin(kSamplerNames), std::end(kSamplerNames), matches);
    if (found == std::end(kSamplerNames)) return;
    if (std::find(samplers.begin(), samplers.end(), found->ours) == samplers.end()) {
      samplers.push_back(found->ours);
    }
  };
  if (given.is_string()) {
    for (const char letter : given.get_ref<const std::string&>()) {
      add([letter](const SamplerName& name) { return name.letter == letter; });
    }
    return samplers;
  }
  if (!given.is_array()) return given;
  for (const ordered_json& name : given) {
    add([&name](const SamplerName& known) { return name == known.theirs; });
  }
  return samplers;
}

constexpr OptionMember kCommon[] = {
    {"temperature", "temperature"},
    {"top_k", "topK", at_least_0},
    {"top_p", "topP"},
    {"min_p", "minP"},
    {"typical_p", "typicalP"},
    {"top_n_sigma", "topNSigma", at_least_0},
    {"xtc_probability", "xtcProbability"},
    {"xtc_threshold", "xtcThreshold"},
    {"dynatemp_range", "dynatempRange"},
    {"dynatemp_exponent", "dynatempExponent"},
    {"repeat_penalty", "repetitionPenalty"},
    {"repetition_penalty", "repetitionPenalty"},
    {"repeat_last_n", "penaltyWindow", all_if_negative},
    {"frequency_penalty", "frequencyPenalty"},
    {"presence_penalty", "presencePenalty"},
    {"dry_multiplier", "dryMultiplier"},
    {"dry_base", "dryBase"},
    {"dry_allowed_length", "dryAllowedLength"},
    {"dry_penalty_last_n", "dryPenaltyWindow", all_if_negative},
    {"dry_sequence_breakers", "drySequenceBreakers", without_empty},
    {"mirostat", "mirostat"},
    {"mirostat_tau", "mirostatTau"},
    {"mirostat_eta", "mirostatEta"},
    {"samplers", "samplers", samplers_of},
    {"seed", "seed", seed_of},
    {"stop", "stop", without_empty},
    {"grammar", "grammar", unless_empty},
    {"json_schema", "jsonSchema"},
    {"ignore_eos", "ignoreEnd"},
    {"n_keep", "keepTokens", all_if_negative},
};

}  // namespace

const std::span<const OptionMember> kCommonOptions = kCommon;

std::string_view sampler_name_of(std::string_view ours) {
  const auto* found = std::find_if(std::begin(kSamplerNames), std::end(kSamplerNames),
                                   [ours](const SamplerName& name) { return name.ours == ours; });
  return found == std::end(kSamplerNames) ? ours : found->theirs;
}

ordered_json without_empty(const ordered_json& given) {
  if (!given.is_array()) return unless_empty(given);
  ordered_json texts = ordered_json::array();
  for (const ordered_json& text : given) {
    if (!unless_empty(text).is_null()) texts.push_back(text);
  }
  return texts;
}

void read_options(const Members& members, std::span<const OptionMember> table, ordered_json& options) {
  GenerationOptions checked;
  for (const OptionMember& member : table) {
    const ordered_json& given = members[member.name];
    if (given.is_null()) continue;
    ordered_json value = member.translate == nullptr ? given : member.translate(given);
    if (value.is_null()) continue;
    const auto* option = value_or_refuse(find_option<GenerationOptions>(member.option));
    const Result<void> kept = set_option(checked, *option, value);
    if (!kept.ok()) {
      // The engine's message begins with its own name for it.
      std::string message = kept.error().message;
      if (message.starts_with(member.option)) message.erase(0, member.option.size() + 1);
      members.refuse(member.name, message);
    }
    options[std::string(member.option)] = std::move(value);
  }
}

}  // namespace hearth::serve
