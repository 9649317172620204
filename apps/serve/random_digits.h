// What nobody can guess: for keys, and for ids that no other request has.
#pragma once

#include <cstddef>
#include <string>

namespace hearth::serve {

/// As many random bytes, in hexadecimal digits. Throws std::runtime_error where the system has none.
std::string random_digits(size_t bytes);

}  // namespace hearth::serve
