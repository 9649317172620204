#include "engine/model/forward.h"

#include <array>

namespace hearth {

// The transformer (Vaswani et al. 2017, decoder only, with norms before each block): a residual stream x that
// every layer adds to twice. What a family does differently is in ModelSpec.
Result<void> Forward::hidden_states(const Batch& batch) {
  const auto rows = static_cast<int64_t>(batch.tokens.size());
  HEARTH_TRY(reserve(rows, static_cast<int64_t>(batch.output_rows.size())));
  Workspace at = workspace_;
  for (Tensor* tensor : {&at.x, &at.h, &at.q, &at.k, &at.v, &at.heads, &at.hidden, &at.update})
    tensor->rows = rows;
  at.outputs.rows = static_cast<int64_t>(batch.output_rows.size());

  backend_.embed(weights_.token_embedding(), batch.tokens, spec_.embedding_scale, at.x);
  for (int32_t index = 0; index < spec_.n_layer; ++index) {
    HEARTH_ASSIGN(const LayerLease layer, weights_.layer(index));
    backend_.norm(spec_.norm, at.x, layer->attention_norm.weight, layer->attention_norm.bias,
                  spec_.norm_epsilon, at.h);
    attention(batch, index, *layer, at);
    if (!spec_.parallel_residual) {
      backend_.norm(spec_.norm, at.x, layer->feed_forward_norm.weight, layer->feed_forward_norm.bias,
                    spec_.norm_epsilon, at.h);
    }
    feed_forward(*layer, at);
  }
  if (batch.output_rows.empty()) return {};
  backend_.gather_rows(at.x, batch.output_rows, at.outputs);
  const NormWeights& norm = weights_.output_norm();
  backend_.norm(spec_.norm, at.outputs, norm.weight, norm.bias, spec_.norm_epsilon, at.outputs);
  return {};
}

// x += attention(h): queries look up keys of their own sequence, and take the mix of values they find.
void Forward::attention(const Batch& batch, int32_t index, const LayerWeights& layer, Workspace& at) {
  const bool sliding = spec_.sliding(index);
  const Rope rope = (sliding ? sliding_rope_ : rope_).view();

  const std::array<Projection, 3> projections{Projection{layer.query.weight, layer.query.bias, at.q},
                                              Projection{layer.key.weight, layer.key.bias, at.k},
                                              Projection{layer.value.weight, layer.value.bias, at.v}};
  backend_.linear(at.h, projections);
  if (spec_.query_key_norm) {
    backend_.norm(spec_.norm, at.q, layer.query_norm, {}, spec_.norm_epsilon, at.q);
    backend_.norm(spec_.norm, at.k, layer.key_norm, {}, spec_.norm_epsilon, at.k);
  }
  backend_.rope(rope, batch.rows.positions, spec_.key_dimension, at.q);
  backend_.rope(rope, batch.rows.positions, spec_.key_dimension, at.k);
  backend_.append_kv(cache_.layout(), cache_.memory(), index, batch.rows, at.k, at.v);

  const AttentionParameters parameters{spec_.n_head, spec_.attention_scale, spec_.attention_soft_cap,
                                       sliding ? spec_.window : 0};
  backend_.attend(parameters, cache_.layout(), cache_.memory(), index, batch.rows, at.q, at.heads);
  const Projection output{layer.attention_output.weight, layer.attention_output.bias, at.update};
  backend_.linear(at.heads, {&output, 1});
  if (spec_.post_norms) {
    backend_.norm(spec_.norm, at.update, layer.post_attention_norm, {}, spec_.norm_epsilon, at.update);
  }
  backend_.add(at.x, at.update);
}

// x += feed_forward(h): every row on its own, through a wider hidden layer.
void Forward::feed_forward(const LayerWeights& layer, Workspace& at) {
  const Projection down{layer.down.weight, layer.down.bias, at.update};
  switch (spec_.feed_forward) {
    case FeedForward::kGated:
      backend_.gated_linear(at.h, layer.gate, layer.up.weight, spec_.activation, at.hidden);
      backend_.linear(at.hidden, {&down, 1});
      break;
    case FeedForward::kPlain: {
      const Projection up{layer.up.weight, layer.up.bias, at.hidden};
      backend_.linear(at.h, {&up, 1});
      backend_.activate(spec_.activation, at.hidden);
      backend_.linear(at.hidden, {&down, 1});
      break;
    }
    case FeedForward::kExperts:
      backend_.experts(spec_.experts, layer.experts, at.h, at.update);
      break;
  }
  if (spec_.post_norms) {
    backend_.norm(spec_.norm, at.update, layer.post_feed_forward_norm, {}, spec_.norm_epsilon, at.update);
  }
  backend_.add(at.x, at.update);
}

Result<void> Forward::logits(const Batch& batch, std::span<float> logits) {
  HEARTH_TRY(hidden_states(batch));
  const auto outputs = static_cast<int64_t>(batch.output_rows.size());
  if (outputs == 0) return {};
  HEARTH_TRY(grow(workspace_.logits, outputs, spec_.n_vocab));
  const Tensor scores = workspace_.logits.first_rows(outputs);
  const Projection projection{weights_.output().weight, weights_.output().bias, scores};
  backend_.linear(workspace_.outputs.first_rows(outputs), {&projection, 1});
  if (spec_.final_soft_cap > 0.0F) backend_.soft_cap(spec_.final_soft_cap, scores);
  return backend_.read(scores, logits);
}

Result<void> Forward::embeddings(const Batch& batch, std::span<float> embeddings) {
  HEARTH_TRY(hidden_states(batch));
  return backend_.read(workspace_.outputs.first_rows(static_cast<int64_t>(batch.output_rows.size())),
                       embeddings);
}

Result<std::unique_ptr<Forward>> Forward::create(const ModelSpec& spec, const Weights& weights,
                                                 Backend& backend, KvCache& cache, int64_t context_size) {
  std::unique_ptr<Forward> forward(new Forward(spec, weights, backend, cache));
  const std::span<const float> factors = weights.rope_factors(context_size > spec.rope.original_context);
  forward->rope_ = make_rope_table(spec.rope, factors);
  if (!spec.is_sliding.empty()) forward->sliding_rope_ = make_rope_table(spec.sliding_rope, factors);
  return forward;
}

Forward::~Forward() {
  Workspace& at = workspace_;
  for (Tensor* tensor :
       {&at.x, &at.h, &at.q, &at.k, &at.v, &at.heads, &at.hidden, &at.update, &at.outputs, &at.logits}) {
    if (tensor->data != nullptr) backend_.release(*tensor);
  }
}

Result<void> Forward::reserve(int64_t rows, int64_t outputs) {
  Workspace& at = workspace_;
  HEARTH_TRY(grow(at.x, rows, spec_.n_embd));
  HEARTH_TRY(grow(at.h, rows, spec_.n_embd));
  HEARTH_TRY(grow(at.q, rows, spec_.query_width()));
  HEARTH_TRY(grow(at.k, rows, spec_.key_width()));
  HEARTH_TRY(grow(at.v, rows, spec_.value_width()));
  HEARTH_TRY(grow(at.heads, rows, spec_.attention_width()));
  HEARTH_TRY(grow(at.update, rows, spec_.n_embd));
  HEARTH_TRY(grow(at.outputs, outputs, spec_.n_embd));
  if (spec_.feed_forward != FeedForward::kExperts) HEARTH_TRY(grow(at.hidden, rows, spec_.n_ff));
  return {};
}

/// Makes `tensor` hold at least `rows` rows; what it held is lost when it grows.
Result<void> Forward::grow(Tensor& tensor, int64_t rows, int64_t columns) {
  if (rows <= tensor.rows) return {};
  if (tensor.data != nullptr) backend_.release(tensor);
  tensor = {};
  HEARTH_ASSIGN(tensor, backend_.allocate(rows, columns));
  return {};
}

}  // namespace hearth
