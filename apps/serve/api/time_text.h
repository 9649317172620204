// Times as APIs write them.
#pragma once

#include <chrono>
#include <string>

namespace hearth::serve {

/// "2026-02-03T04:05:06.789012345Z".
std::string time_text(std::chrono::system_clock::time_point time);

}  // namespace hearth::serve
