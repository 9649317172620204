// The members of a request that are options of the engine under other names, as tables: an API is a table and
// what differs.
#pragma once

#include <nlohmann/json.hpp>
#include <span>
#include <string_view>

#include "apps/serve/api/members.h"

namespace hearth::serve {

struct OptionMember {
  std::string_view name;    // in the request
  std::string_view option;  // the engine's (docs/options.md), which says what it may be
  /// What the option takes for the value; null leaves it as it is by default. Without it: the value.
  nlohmann::ordered_json (*translate)(const nlohmann::ordered_json& given) = nullptr;
};

/// Sets options of generating from the members that the table has; of two that are the same option the later
/// in the table counts. A Refusal names the member that is wrong.
void read_options(const Members& members, std::span<const OptionMember> table,
                  nlohmann::ordered_json& options);

/// Those that OpenAI's and llama-server's APIs have in common, and which Ollama mostly names alike.
extern const std::span<const OptionMember> kCommonOptions;

/// What llama-server calls a sampler of the engine's.
std::string_view sampler_name_of(std::string_view ours);

/// For tables: a text or texts, without empty ones, which clients send for none.
nlohmann::ordered_json without_empty(const nlohmann::ordered_json& given);

}  // namespace hearth::serve
