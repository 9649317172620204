// Texts whose middle a model is to write, for vocabularies that have tokens for it (fill-in-the-middle).
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "apps/serve/models/model_use.h"

namespace hearth::serve::openai {

/// A file that the model is to know of.
struct InfillFile {
  std::string name;
  std::string text;
};

struct Infill {
  std::vector<InfillFile> files;
  std::string prefix, suffix;  // what stands before and behind the middle
  std::string begun;           // what there is of the middle
};

/// Throws a Refusal, UNSUPPORTED, where the vocabulary lacks the tokens.
Awaitable<std::vector<int32_t>> infill_tokens(ModelUse& model, Infill infill);

}  // namespace hearth::serve::openai
