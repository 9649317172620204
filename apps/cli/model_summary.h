// A model in a few lines, and the memory that it needs.
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>

#include "engine/options/load_options.h"
#include "engine/runtime/model.h"

namespace hearth::cli {

/// {"contextSize", "maxSequences", "kvType", and in bytes "weights", "keysAndValues", "states",
/// "activations", "total"}.
nlohmann::ordered_json memory_json(const Model& model, const LoadOptions& options,
                                   const std::string& kv_type);

/// For people, under headings.
std::string model_text(const Model& model, const LoadOptions& options, const std::string& kv_type);

}  // namespace hearth::cli
