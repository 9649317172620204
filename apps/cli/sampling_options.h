// The options that say how answers are sampled and when they end, shared by run and chat.
#pragma once

#include <CLI/CLI.hpp>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "engine/runtime/generation.h"
#include "engine/runtime/model.h"

namespace hearth::cli {

/// What was given on the command line; the rest is the model's own advice or Hearth's default.
struct SamplingOptions {
  int32_t max_tokens = -1;
  std::optional<float> temperature, top_p, min_p, repetition_penalty, frequency_penalty, presence_penalty;
  std::optional<int32_t> top_k;
  std::optional<uint64_t> seed;
  std::vector<std::string> stop;
};

void add_sampling_options(CLI::App& command, SamplingOptions& options);

GenerationRequest make_request(const Model& model, const SamplingOptions& options,
                               std::vector<TokenId> prompt);

}  // namespace hearth::cli
