// How well each of many documents answers a query, a part of them at a time, so that answers of the same
// model go on between.
#pragma once

#include <string>
#include <vector>

#include "apps/serve/models/model_use.h"

namespace hearth::serve::openai {

/// From 0 to 1, in the order of the documents. Throws a Refusal.
Awaitable<std::vector<double>> score_documents(ModelUse& model, std::string query,
                                               std::vector<std::string> documents);

}  // namespace hearth::serve::openai
