// The actions that workflows may call, by name.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace hearth::workflow {

bool is_action(std::string_view name);

/// What to say of an action that there is none of: what to use instead, or the nearest name.
std::string missing_action(std::string_view name, const std::vector<std::string>& functions);

}  // namespace hearth::workflow
