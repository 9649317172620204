// Names for what a server makes: answers, calls.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace hearth::serve {

/// The prefix and so many letters and digits by chance, which nobody can guess from others.
std::string random_id(std::string_view prefix, size_t length = 24);

}  // namespace hearth::serve
