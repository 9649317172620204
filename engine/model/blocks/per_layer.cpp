#include "engine/model/blocks/per_layer.h"

#include <algorithm>
#include <cmath>
#include <numbers>
#include <vector>

namespace hearth {
namespace {

/// The vectors are the sum of two of about one length, which it keeps by this.
constexpr float kHalfPower = 1.0F / std::numbers::sqrt2_v<float>;

}  // namespace

PerLayerEmbedding::PerLayerEmbedding(const PerLayerSpec& spec, int64_t n_embd, int32_t n_vocab,
                                     int32_t n_layer)
    : spec_(spec), n_embd_(n_embd), n_vocab_(n_vocab), n_layer_(n_layer) {}

void PerLayerEmbedding::tensors(TensorVisitor& visit) {
  visit.looked_up("per_layer_token_embd.weight", n_vocab_, columns(), table_);
  visit.matrix("per_layer_model_proj.weight", columns(), n_embd_, projection_);
  visit.norm("per_layer_proj_norm", spec_.norm.kind, spec_.width, norm_);
}

Tensor PerLayerEmbedding::of_layer(Tensor vectors, int32_t layer) const {
  return Tensor{vectors.data, vectors.rows * n_layer_, spec_.width}.slice_rows(layer * vectors.rows,
                                                                               vectors.rows);
}

// vectors = (table[token] * sqrt(width) + norm(projection(x) / sqrt(n_embd))) / sqrt(2).
Result<void> PerLayerEmbedding::forward(const Step& step, Workspace workspace, Tensor x,
                                        Tensor vectors) const {
  Backend& backend = step.backend;
  HEARTH_TRY(look_up(step, vectors));
  const auto [projected] = workspace.take(widths());
  std::vector<Projection> projections;
  projections.reserve(static_cast<size_t>(n_layer_));
  for (int32_t layer = 0; layer < n_layer_; ++layer) {
    const Weight part = projection_.slice_rows(layer * spec_.width, spec_.width);
    projections.push_back({part, {}, of_layer(projected, layer)});
  }
  backend.linear(x, projections);
  // What is not divided is normalised alike by an epsilon that is n_embd times as large.
  const float epsilon = spec_.norm.epsilon * static_cast<float>(n_embd_);
  backend.norm(spec_.norm.kind, projected, norm_.weight, norm_.bias, epsilon, projected);
  backend.add_scaled(vectors, projected, kHalfPower);
  return {};
}

/// A row that is no token but an embedding has the vectors of token 0, which pads.
Result<void> PerLayerEmbedding::look_up(const Step& step, Tensor vectors) const {
  const float scale = std::sqrt(static_cast<float>(spec_.width)) * kHalfPower;
  const auto width = static_cast<size_t>(spec_.width);
  const std::span<const int32_t> tokens = step.batch.tokens;
  std::vector<float> row(static_cast<size_t>(columns()));
  std::vector<float> all(row.size() * tokens.size());
  for (size_t r = 0; r < tokens.size(); ++r) {
    HEARTH_TRY(table_.read_row(std::max(tokens[r], 0), scale, row));
    for (size_t layer = 0; layer < static_cast<size_t>(n_layer_); ++layer) {
      const auto from = row.begin() + static_cast<ptrdiff_t>(layer * width);
      std::copy_n(from, width, all.begin() + static_cast<ptrdiff_t>((layer * tokens.size() + r) * width));
    }
  }
  step.backend.write(std::as_bytes(std::span(all)), vectors.data);
  return {};
}

void PerLayerUpdate::tensors(TensorVisitor& visit) {
  visit.matrix("inp_gate.weight", spec_.width, n_embd_, gate_);
  visit.matrix("proj.weight", n_embd_, spec_.width, projection_);
  visit.norm("post_norm", spec_.norm.kind, n_embd_, norm_);
}

void PerLayerUpdate::forward(const Step& step, Workspace workspace, Tensor h, Tensor vectors,
                             Tensor update) const {
  Backend& backend = step.backend;
  const auto [gates] = workspace.take(widths());
  const Projection gate{gate_, {}, gates};
  backend.linear(h, {&gate, 1});
  backend.gate(Activation::kGeluTanh, gates, vectors, gates);
  const Projection projection{projection_, {}, update};
  backend.linear(gates, {&projection, 1});
  backend.norm(spec_.norm.kind, update, norm_.weight, norm_.bias, spec_.norm.epsilon, update);
}

}  // namespace hearth
