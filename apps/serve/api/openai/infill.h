// Texts whose middle a model is to write, for vocabularies that have tokens for it (fill-in-the-middle).
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "apps/serve/models/model_use.h"

namespace hearth::serve::openai {

constexpr int32_t kNoToken = -1;

/// One of the vocabulary's own, by its name in the model's info; kNoToken where it has none.
int32_t special_token(const ModelUse& model, const char* name);

/// What a vocabulary marks the parts of such a text with.
struct FillTokens {
  int32_t prefix, suffix, middle;
};

/// Throws a Refusal, UNSUPPORTED, where the vocabulary lacks one.
FillTokens fill_tokens(const ModelUse& model);

/// The token that every text of the model begins with, or none.
Awaitable<std::vector<int32_t>> beginning_of_text(ModelUse& model);

/// The prompt for what stands between two texts. Throws a Refusal as fill_tokens does.
Awaitable<std::vector<int32_t>> infill_tokens(ModelUse& model, std::string prefix, std::string suffix);

}  // namespace hearth::serve::openai
