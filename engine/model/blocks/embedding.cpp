#include "engine/model/blocks/embedding.h"

#include <algorithm>

namespace hearth {

void Embedding::tensors(TensorVisitor& visit) {
  visit.matrix("token_embd.weight", spec_.n_vocab, spec_.n_embd, table_);
}

void Embedding::forward(const Step& step, Tensor x) const {
  const std::span<const int32_t> tokens = step.batch.tokens;
  std::span<const float> embeddings = step.batch.embeddings;
  const auto is_embedding = [](int32_t token) { return token == Batch::kEmbedding; };
  for (auto first = tokens.begin(); first != tokens.end();) {
    const bool are_embeddings = is_embedding(*first);
    const auto end = std::find_if(first, tokens.end(),
                                  [&](int32_t token) { return is_embedding(token) != are_embeddings; });
    const Tensor rows = x.slice_rows(first - tokens.begin(), end - first);
    if (are_embeddings) {
      const auto count = static_cast<size_t>(rows.rows * rows.columns);
      step.backend.write(std::as_bytes(embeddings.first(count)), rows.data);
      embeddings = embeddings.subspan(count);
    } else {
      step.backend.embed(table_, {first, end}, spec_.scale, rows);
    }
    first = end;
  }
}

}  // namespace hearth
