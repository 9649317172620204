// Values of options: read from JSON, checked and kept, whatever the face that they come from.
//
// Numbers, texts and flags are JSON's own. Tokens are an array, texts one or a single text. A seed of -1 asks
// for a new one. Biases are an object of numbers by token, in which null bans the token: JSON has no minus
// infinity, and null is what JavaScript writes for it.
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>
#include <string_view>

#include "engine/base/result.h"
#include "engine/options/embedding_options.h"
#include "engine/options/generation_options.h"
#include "engine/options/load_options.h"

namespace hearth {

/// The line of a table with that name. INVALID_ARGUMENT listing the names that there are.
template <typename Struct>
Result<const OptionOf<Struct>*> find_option(std::string_view name);

/// Keeps a value. INVALID_ARGUMENT for one that may not be the option's.
template <typename Struct>
Result<void> set_option(Struct& options, const OptionOf<Struct>& option, const nlohmann::ordered_json& value);

/// Keeps the values of an object, each under an option's name. INVALID_ARGUMENT.
template <typename Struct>
Result<void> set_options(Struct& options, const nlohmann::ordered_json& values);

/// The number that a float's shortest digits say: 0.8, not 0.800000012.
double decimal(float value);

/// A number as it is kept, a float as decimal() has it: a flag is 0 or 1, a missing seed -1, what is no
/// number 0.
template <typename Struct>
double number_in(const Struct& options, const OptionOf<Struct>& option);

/// Its line of help.
template <typename Struct>
std::string describe(const OptionOf<Struct>& option) {
  return describe(option, number_in(Struct(), option));
}

}  // namespace hearth
