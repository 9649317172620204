// What tests ask of models that write by diffusion. Test code only.
#pragma once

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "engine/runtime/scheduler.h"
#include "engine/runtime/synthetic_model_testing.h"

namespace hearth::testing {

using TokenList = std::vector<TokenId>;

inline LoadOptions small(int32_t context_size = 256, int32_t max_batch_rows = 0) {
  LoadOptions options;
  options.context_size = context_size;
  options.max_batch_rows = max_batch_rows;
  return options;
}

inline TokenList some_prompt(size_t length, uint32_t state = 1) {
  TokenList tokens{1};
  while (tokens.size() < length) {
    state = state * 1103515245U + 12345U;
    tokens.push_back(static_cast<TokenId>(6 + (state >> 8) % 500));  // no control token
  }
  return tokens;
}

inline GenerationRequest asked_for(const TokenList& prompt, int32_t max_tokens, float temperature = 0.0F) {
  GenerationRequest request;
  request.prompt = prompt;
  request.max_tokens = max_tokens;
  request.temperature = temperature;
  request.seed = 11;
  request.ignore_end = true;
  return request;
}

struct Written {
  TokenList tokens;  // of the answer
  std::string text;
  GenerationEvent last;
};

inline Written collect(Generation& generation, size_t prompt_length) {
  Written written;
  while (auto event = generation.next()) {
    written.text += event->text;
    written.last = std::move(*event);
  }
  const auto all = generation.tokens();
  written.tokens.assign(all.begin() + static_cast<ptrdiff_t>(prompt_length), all.end());
  return written;
}

inline Written write(Scheduler& scheduler, const GenerationRequest& request) {
  const auto generation = expect_value(scheduler.submit(request));
  while (scheduler.step()) {
  }
  return collect(*generation, request.prompt.size());
}

}  // namespace hearth::testing
