// Options of an answer as llama-server tells them.
#pragma once

#include <cstdint>
#include <nlohmann/json.hpp>
#include <optional>

namespace hearth::serve::llama {

/// All that count for an answer with these options, by llama-server's names: what they leave out is as by
/// default. `tokens`: the vocabulary's own, of the model's info. `seed`: that was drawn with, where it is
/// known.
nlohmann::ordered_json generation_settings(const nlohmann::ordered_json& options,
                                           const nlohmann::ordered_json& tokens,
                                           std::optional<uint64_t> seed);

}  // namespace hearth::serve::llama
