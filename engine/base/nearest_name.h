// Which name somebody may have meant who wrote another.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace hearth {

/// The name that takes the fewest letters put in, taken out or replaced, whatever their case; "" where there
/// is none at all.
std::string nearest_name(std::string_view given, const std::vector<std::string>& names);

}  // namespace hearth
