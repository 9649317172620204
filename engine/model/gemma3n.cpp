#include "engine/model/gemma3n.h"

#include <algorithm>
#include <numbers>
#include <utility>
#include <variant>
#include <vector>

#include "engine/model/layer_stack.h"
#include "engine/model/spec.h"

namespace hearth {
namespace {

class Gemma3nLayer {
 public:
  Gemma3nLayer(const ModelSpec& spec, const LayerSpec& layer, const BlockContext& context);

  void tensors(TensorVisitor& visit);
  int64_t workspace_columns() const;
  /// The streams x become `predictions`, corrected by what this layer computes. `vectors` are its own of the
  /// per-layer embedding.
  void forward(const Step& step, Workspace workspace, Tensor vectors, const Streams& x,
               const Streams& predictions) const;

 private:
  void compute(const Step& step, Workspace workspace, Tensor active, Tensor h, Tensor update,
               Tensor computed) const;
  void norm(Backend& backend, Tensor in, const Norm& by, Tensor out) const {
    backend.norm(norm_.kind, in, by.weight, by.bias, norm_.epsilon, out);
  }
  std::array<int64_t, 3> widths() const { return {n_embd_, n_embd_, n_embd_}; }

  int64_t n_embd_;
  NormSpec norm_;
  size_t active_;
  AltUp altup_;
  Laurel laurel_;
  std::unique_ptr<Block> attention_, feed_forward_;
  PerLayerUpdate per_layer_;
  Norm attention_norm_, attention_output_norm_, feed_forward_norm_, feed_forward_output_norm_;
  Vector correction_scale_;
};

Gemma3nLayer::Gemma3nLayer(const ModelSpec& spec, const LayerSpec& layer, const BlockContext& context)
    : n_embd_(context.n_embd),
      norm_(layer.norm),
      active_(static_cast<size_t>(spec.altup.active)),
      altup_(spec.altup, n_embd_),
      laurel_({.norm = layer.norm}, context),
      per_layer_(spec.per_layer, n_embd_) {
  const auto make = [&](const auto& block) { return make_block(block, context); };
  attention_ = std::visit(make, layer.mixer);
  feed_forward_ = std::visit(make, layer.feed_forward);
}

void Gemma3nLayer::tensors(TensorVisitor& visit) {
  visit.norm("attn_norm", norm_.kind, n_embd_, attention_norm_);
  attention_->tensors(visit);
  visit.norm("post_attention_norm", norm_.kind, n_embd_, attention_output_norm_);
  visit.norm("ffn_norm", norm_.kind, n_embd_, feed_forward_norm_);
  feed_forward_->tensors(visit);
  visit.norm("post_ffw_norm", norm_.kind, n_embd_, feed_forward_output_norm_);
  laurel_.tensors(visit);
  altup_.tensors(visit);
  visit.vector("altup_correct_scale.weight", n_embd_, correction_scale_);
  per_layer_.tensors(visit);
}

int64_t Gemma3nLayer::workspace_columns() const {
  return Workspace::columns_of(widths()) +
         std::max({attention_->workspace_columns(), feed_forward_->workspace_columns(),
                   laurel_.workspace_columns(), altup_.workspace_columns(), per_layer_.workspace_columns()});
}

// Predict all streams, compute one, correct all; then those beyond the first learn of the token itself.
void Gemma3nLayer::forward(const Step& step, Workspace workspace, Tensor vectors, const Streams& x,
                           const Streams& predictions) const {
  Backend& backend = step.backend;
  altup_.predict(step, workspace, x, predictions);
  const Tensor active = predictions[active_];
  const auto [h, update, computed] = workspace.take(widths());
  compute(step, workspace, active, h, update, computed);
  altup_.correct(step, workspace, computed, predictions);

  backend.copy(active.data, h.data, h.bytes());
  backend.multiply(h, correction_scale_);
  per_layer_.forward(step, workspace, h, vectors, update);
  for (size_t i = 1; i < predictions.size(); ++i) backend.add(predictions[i], update);
}

// computed = s + norm(feed_forward(norm(s))), where s = (x + norm(attention(h)) + laurel(h)) / sqrt(2) and
// h = norm(x), of the active stream x.
void Gemma3nLayer::compute(const Step& step, Workspace workspace, Tensor active, Tensor h, Tensor update,
                           Tensor computed) const {
  Backend& backend = step.backend;
  norm(backend, active, attention_norm_, h);
  attention_->forward(step, workspace, h, computed);
  norm(backend, computed, attention_output_norm_, computed);
  backend.add(computed, active);
  laurel_.forward(step, workspace, h, update);
  backend.add(computed, update);
  backend.scale(1.0F / std::numbers::sqrt2_v<float>, computed);

  norm(backend, computed, feed_forward_norm_, h);
  feed_forward_->forward(step, workspace, h, update);
  norm(backend, update, feed_forward_output_norm_, update);
  backend.add(computed, update);
}

class Gemma3n final : public Network {
 public:
  explicit Gemma3n(const ModelSpec& spec);

  void tensors(TensorVisitor& visit) override;
  int64_t workspace_columns() const override;
  Result<void> hidden_states(const Step& step, Workspace workspace, Tensor outputs) const override;
  void logits(const Step& step, Tensor hidden, Tensor logits) const override {
    head_.logits(step, hidden, logits);
  }

 private:
  /// The vectors of all layers, the streams and their predictions.
  std::vector<int64_t> widths() const;

  size_t streams_;
  PerLayerEmbedding per_layer_;
  AltUpEnds ends_;
  std::vector<Gemma3nLayer> layers_;
  Head head_;
};

Gemma3n::Gemma3n(const ModelSpec& spec)
    : Network(spec),
      streams_(static_cast<size_t>(spec.altup.streams)),
      per_layer_(spec.per_layer, n_embd_, spec.n_vocab(), spec.n_layer()),
      ends_(spec.altup, n_embd_),
      head_(spec.head, spec.n_vocab(), n_embd_) {
  layers_.reserve(spec.layers.size());
  for (const LayerSpec& layer : spec.layers) {
    states_.enter(static_cast<int32_t>(layers_.size()));
    layers_.emplace_back(spec, layer, BlockContext{n_embd_, states_});
  }
}

void Gemma3n::tensors(TensorVisitor& visit) {
  visit.enter(WeightStore::kNoLayer);
  embedding_.tensors(visit);
  per_layer_.tensors(visit);
  ends_.tensors(visit);
  head_.tensors(visit, embedding_.table());
  for (size_t index = 0; index < layers_.size(); ++index) {
    visit.enter(static_cast<int32_t>(index));
    layers_[index].tensors(visit);
  }
}

std::vector<int64_t> Gemma3n::widths() const {
  std::vector<int64_t> widths(1 + 2 * streams_, n_embd_);
  widths.front() = per_layer_.columns();
  return widths;
}

int64_t Gemma3n::workspace_columns() const {
  int64_t most =
      std::max({embedding_.workspace_columns(), per_layer_.workspace_columns(), ends_.workspace_columns()});
  for (const Gemma3nLayer& layer : layers_) most = std::max(most, layer.workspace_columns());
  return Workspace::columns_of(widths()) + most;
}

Result<void> Gemma3n::hidden_states(const Step& step, Workspace workspace, Tensor outputs) const {
  const std::vector<Tensor> all = workspace.take(widths());
  const Tensor vectors = all.front();
  Streams streams(all.begin() + 1, all.begin() + 1 + static_cast<ptrdiff_t>(streams_));
  Streams predictions(all.begin() + 1 + static_cast<ptrdiff_t>(streams_), all.end());
  embedding_.forward(step, workspace, streams.front());
  HEARTH_TRY(per_layer_.forward(step, workspace, streams.front(), vectors));
  ends_.open(step, streams);
  HEARTH_TRY(for_each_layer(step, layers_.size(), [&](size_t index) {
    const Tensor own = per_layer_.of_layer(vectors, static_cast<int32_t>(index));
    layers_[index].forward(step, workspace, own, streams, predictions);
    std::swap(streams, predictions);
  }));
  if (outputs.rows == 0) return {};
  ends_.close(step, workspace, streams);
  head_.hidden_states(step, streams.front(), outputs);
  return {};
}

}  // namespace

std::unique_ptr<Network> make_gemma3n(const ModelSpec& spec) { return std::make_unique<Gemma3n>(spec); }

}  // namespace hearth
