// How much a model shall think, as clients ask for it.
#pragma once

#include <nlohmann/json.hpp>
#include <string_view>

namespace hearth::serve {

/// By OpenAI's word: "none", "minimal", "low", "medium", "high" or "xhigh"; others are refused, naming
/// `param`. Templates take `reasoning_effort` or `enable_thinking` (in the conversation's variables), and
/// "none" also ends what is thought at once.
void set_reasoning_effort(std::string_view effort, std::string_view param, nlohmann::ordered_json& chat,
                          nlohmann::ordered_json& options);

}  // namespace hearth::serve
