#include "engine/model/blocks/embedding.h"

#include <algorithm>
#include <vector>

namespace hearth {

void Embedding::tensors(TensorVisitor& visit) {
  const bool is_output = spec_.may_be_output && !visit.has("token_embd.weight");
  if (is_output) {
    visit.matrix("output.weight", spec_.n_vocab, spec_.n_embd, table_);
  } else if (visit.has("output.weight")) {
    visit.embedding("token_embd.weight", spec_.n_vocab, spec_.n_embd, table_);
  } else {  // it is the output's, too
    visit.matrix("token_embd.weight", spec_.n_vocab, spec_.n_embd, table_);
  }
  if (spec_.token_types > 0 && visit.has("token_types.weight")) {
    visit.embedding("token_types.weight", spec_.token_types, spec_.n_embd, token_types_);
  }
  if (spec_.positions > 0 && (!spec_.positions_optional || visit.has("position_embd.weight"))) {
    visit.embedding("position_embd.weight", spec_.positions, spec_.n_embd, positions_);
  }
  if (spec_.norm) visit.norm("token_embd_norm", *spec_.norm, spec_.n_embd, norm_);
}

void Embedding::forward(const Step& step, Workspace workspace, Tensor x) const {
  look_up(step, x);
  if (adds_others()) {
    const auto [other] = workspace.take(widths());
    add_others(step, other, x);
  }
  if (spec_.norm) {
    step.backend.norm(spec_.norm->kind, x, norm_.weight, norm_.bias, spec_.norm->epsilon, x);
  }
}

void Embedding::add_others(const Step& step, Tensor other, Tensor x) const {
  if (token_types_) {
    const std::vector<int32_t> first_type(step.batch.tokens.size(), 0);
    step.backend.embed(token_types_, first_type, 1.0F, other);
    step.backend.add(x, other);
  }
  if (positions_) {
    step.backend.embed(positions_, step.batch.rows.positions, 1.0F, other);
    step.backend.add(x, other);
  }
}

void Embedding::look_up(const Step& step, Tensor x) const {
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
