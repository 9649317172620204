// A GGUF's metadata as JSON, for people and programs that want to see what a file says of itself.
#pragma once

#include <cstdint>
#include <nlohmann/json.hpp>

#include "engine/format/gguf.h"

namespace hearth {

/// A scalar or string as it is. An array, which can have hundreds of thousands of elements, as
/// {"arrayOf": its type's name, "count": how many, "first": its first `most_elements`}.
nlohmann::ordered_json to_json(const GgufValue& value, uint64_t most_elements);

/// Every key, in the file's order. Strings may hold bytes that are not UTF-8: dump it with
/// error_handler_t::replace.
nlohmann::ordered_json metadata_json(const Gguf& gguf, uint64_t most_elements);

}  // namespace hearth
