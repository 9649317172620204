// Embeddings of many texts, a part of them at a time, so that answers of the same model go on between.
#pragma once

#include <cstddef>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "apps/serve/api/openai/prompts.h"

namespace hearth::serve::openai {

/// One for each text.
using Vectors = std::vector<std::vector<float>>;

/// `options`: docs/options.md, Embedding. Throws a Refusal, also for a model that ranks and has no vectors.
Awaitable<Vectors> embed_texts(ModelUse& model, const std::vector<Prompt>& texts,
                               nlohmann::ordered_json options);

/// As JSON has them: floats by their shortest digits.
nlohmann::ordered_json vector_json(const std::vector<float>& vector);
/// Little-endian floats, in base64.
std::string vector_base64(const std::vector<float>& vector);

}  // namespace hearth::serve::openai
