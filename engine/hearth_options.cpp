#include "engine/hearth_options.h"

#include <nlohmann/json.hpp>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <variant>

#include "engine/hearth_internal.h"
#include "engine/options/option_values.h"
#include "engine/text/json_text.h"

namespace hearth {
namespace {

using nlohmann::ordered_json;

/// The option that a member stands for.
template <typename Struct>
struct PlainMember {
  std::string_view name;
  std::variant<int32_t Struct::*, uint64_t Struct::*, float Struct::*, const char * Struct::*> member;
};

using LoadStruct = hearth_model_options;
constexpr PlainMember<LoadStruct> kLoadMembers[] = {
    {"contextSize", &LoadStruct::context_size},
    {"cachePositions", &LoadStruct::cache_positions},
    {"maxSequences", &LoadStruct::max_sequences},
    {"maxBatchRows", &LoadStruct::max_batch_rows},
    {"threads", &LoadStruct::threads},
    {"kvType", &LoadStruct::kv_type},
    {"instructionSet", &LoadStruct::instruction_set},
    {"memoryLimit", &LoadStruct::memory_limit},
};

using GenerationStruct = hearth_generation_options;
constexpr PlainMember<GenerationStruct> kGenerationMembers[] = {
    {"maxTokens", &GenerationStruct::max_tokens},
    {"temperature", &GenerationStruct::temperature},
    {"topK", &GenerationStruct::top_k},
    {"topP", &GenerationStruct::top_p},
    {"minP", &GenerationStruct::min_p},
    {"repetitionPenalty", &GenerationStruct::repetition_penalty},
    {"frequencyPenalty", &GenerationStruct::frequency_penalty},
    {"presencePenalty", &GenerationStruct::presence_penalty},
    {"penaltyWindow", &GenerationStruct::penalty_window},
};

/// Has the struct's members say what the options are. Texts are left out.
template <typename Struct, typename Options>
void show(std::span<const PlainMember<Struct>> members, const Options& options, Struct& into) {
  for (const auto& [name, member] : members) {
    const OptionOf<Options>* option = find_option<Options>(name).value();
    std::visit(
        [&](auto place) {
          using Value = std::decay_t<decltype(into.*place)>;
          if constexpr (std::is_arithmetic_v<Value>) {
            into.*place = static_cast<Value>(number_in(options, *option));
          }
        },
        member);
  }
}

ordered_json value_of(const char* text) { return text; }
ordered_json value_of(float value) { return decimal(value); }
template <typename T>
ordered_json value_of(T value) {
  return value;
}

/// Sets the options to what the struct's members say. A text that is NULL says nothing.
template <typename Struct, typename Options>
Result<void> take(std::span<const PlainMember<Struct>> members, const Struct& from, Options& options) {
  for (const auto& [name, member] : members) {
    HEARTH_ASSIGN(const OptionOf<Options>* option, find_option<Options>(name));
    HEARTH_TRY(std::visit(
        [&](auto place) -> Result<void> {
          if constexpr (std::is_pointer_v<std::decay_t<decltype(from.*place)>>) {
            if (from.*place == nullptr) return {};
          }
          return set_option(options, *option, value_of(from.*place));
        },
        member));
  }
  return {};
}

template <typename Options>
Result<void> take_json(const char* json, Options& options) {
  if (json == nullptr) return {};
  HEARTH_ASSIGN(const ordered_json values, parse_json(json, "the options"));
  return set_options(options, values);
}

/// What several members say together.
Result<void> take_lists(const hearth_generation_options& from, GenerationOptions& options) {
  HEARTH_ASSIGN(const auto biases, as_span(from.logit_bias, from.logit_bias_count, "logit_bias"));
  for (const hearth_logit_bias& bias : biases) options.logit_bias.push_back({bias.token, bias.bias});
  HEARTH_ASSIGN(const auto stops, as_span(from.stop, from.stop_count, "stop"));
  for (const char* stop : stops) {
    HEARTH_TRY(require(stop, "a stop text"));
    options.stop.emplace_back(stop);
  }
  HEARTH_ASSIGN(const auto ends, as_span(from.stop_tokens, from.stop_token_count, "stop_tokens"));
  options.stop_tokens.assign(ends.begin(), ends.end());
  return {};
}

}  // namespace

hearth_model_options plain(const LoadOptions& options) {
  hearth_model_options members{};
  members.struct_size = sizeof(members);
  members.kv_type = kKvTypes[0].data();
  show<LoadStruct>(kLoadMembers, options, members);
  return members;
}

hearth_generation_options plain(const GenerationOptions& options) {
  hearth_generation_options members{};
  members.struct_size = sizeof(members);
  show<GenerationStruct>(kGenerationMembers, options, members);
  return members;
}

Result<hearth_model_options> complete(const hearth_model_options* given) {
  return options_from(given, plain(LoadOptions()), "hearth_model_options");
}

Result<LoadOptions> read_options(const hearth_model_options& given) {
  LoadOptions options;
  HEARTH_TRY(take<LoadStruct>(kLoadMembers, given, options));
  HEARTH_TRY(take_json(given.json, options));
  return options;
}

Result<GenerationOptions> read_options(const hearth_generation_options* given, GenerationOptions defaults) {
  HEARTH_ASSIGN(const hearth_generation_options members,
                options_from(given, plain(defaults), "hearth_generation_options"));
  HEARTH_TRY(take<GenerationStruct>(kGenerationMembers, members, defaults));
  if (members.use_seed != 0) defaults.seed = members.seed;
  defaults.ignore_end = members.ignore_end != 0;
  defaults.continues_text = members.continues_text != 0;
  HEARTH_TRY(take_lists(members, defaults));
  HEARTH_TRY(take_json(members.json, defaults));
  return defaults;
}

}  // namespace hearth
