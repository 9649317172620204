// Dates for templates that tell the model what day it is.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace hearth::jinja {

/// The local time `seconds` after 1970-01-01 UTC, as strftime writes it in the C locale. A dash drops padding
/// (%-d); what is no conversion stays as it is.
std::string format_time(std::string_view format, int64_t seconds);

}  // namespace hearth::jinja
