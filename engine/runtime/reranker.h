// Documents by how well each answers a query, for models that read both at once and end in a classifier.
#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "engine/base/result.h"
#include "engine/runtime/scheduler.h"

namespace hearth {

struct RankedDocument {
  size_t index;  // of the document among all
  float score;   // from 0 to 1
};

/// The query and the document as one text: by the file's own template (tokenizer.chat_template.rerank), else
/// with the vocabulary's separator between them. UNSUPPORTED where it has neither.
Result<std::vector<TokenId>> rerank_tokens(const Model& model, std::string_view query,
                                           std::string_view document);

/// The best first, equals as they were given; of a part, the documents of that part. UNSUPPORTED for a model
/// without a classifier; CONTEXT_OVERFLOW naming the document.
Result<std::vector<RankedDocument>> rerank(Scheduler& scheduler, const Model& model, std::string_view query,
                                           std::span<const std::string> documents,
                                           const PartOfTexts& part = {});

}  // namespace hearth
