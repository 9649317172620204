// The prompt that /infill makes of an editor's text: what a model of code is to write at the cursor.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "apps/serve/models/model_use.h"

namespace hearth::serve::llama {

/// A file that the model is to know of.
struct InfillFile {
  std::string name;
  std::string text;
};

struct Infill {
  std::vector<InfillFile> files;  // the one that counts most comes last
  std::string prefix, suffix;     // what stands before and behind the cursor's line
  std::string line;               // what there is of it
};

/// The files, each behind its name where the vocabulary has tokens for that (Qwen2.5-Coder's form), then what
/// stands before, behind and in the middle. What is too long for the context beside `answer` tokens loses
/// what is farthest from the cursor. Throws a Refusal, UNSUPPORTED, where the vocabulary lacks the tokens.
Awaitable<std::vector<int32_t>> infill_prompt(ModelUse& model, Infill infill, size_t answer);

}  // namespace hearth::serve::llama
