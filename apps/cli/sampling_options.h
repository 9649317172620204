// The options that say how answers are sampled and when they end, shared by run and chat.
#pragma once

#include <CLI/CLI.hpp>
#include <vector>

#include "apps/cli/table_option.h"
#include "engine/runtime/generation.h"
#include "engine/runtime/model.h"

namespace hearth::cli {

/// Adds all of them; `given` must outlive the parsing.
void add_sampling_options(CLI::App& command, GivenOptions& given);

/// What was given, over the model's own advice and Hearth's defaults.
Result<GenerationRequest> make_request(const Model& model, const GivenOptions& given,
                                       std::vector<TokenId> prompt);

}  // namespace hearth::cli
