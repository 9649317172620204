// Which name somebody may have meant who wrote another.
#pragma once

#include <optional>
#include <span>
#include <string_view>

namespace hearth::serve {

/// The name that takes the fewest letters changed, added, left out or swapped with their neighbour, whatever
/// their case: a third of its letters at most.
std::optional<std::string_view> near_name(std::string_view given, std::span<const std::string_view> names);

}  // namespace hearth::serve
