// Substring search in linear time, whatever the texts.
#pragma once

#include <string_view>

#include "engine/text/jinja/budget.h"

namespace hearth::jinja {

/// The first place at or after `from` where `text` contains `wanted`; npos if there is none. Spends in
/// proportion to the bytes passed over.
size_t find_text(std::string_view text, std::string_view wanted, size_t from, Budget& budget);

/// The last place where `text` contains `wanted`.
size_t rfind_text(std::string_view text, std::string_view wanted, Budget& budget);

}  // namespace hearth::jinja
