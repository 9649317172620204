// What a host answered, read so that no answer, however odd, does harm.
#pragma once

#include <cstdint>
#include <nlohmann/json.hpp>
#include <string>
#include <string_view>

namespace hearth::workflow {

// Each gives the empty value of its type where the answer has no such member, or one of another type.
std::string text_in(const nlohmann::ordered_json& answer, std::string_view name);
/// A whole number from 0 to 2^40, or 0.
int64_t count_in(const nlohmann::ordered_json& answer, std::string_view name);
const nlohmann::ordered_json& list_in(const nlohmann::ordered_json& answer, std::string_view name);
const nlohmann::ordered_json& object_in(const nlohmann::ordered_json& answer, std::string_view name);

}  // namespace hearth::workflow
