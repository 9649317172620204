#include "engine/model/gemma4.h"

#include <algorithm>
#include <array>
#include <cstdint>
#include <optional>
#include <utility>
#include <vector>

#include "engine/model/layer.h"
#include "engine/model/layer_stack.h"
#include "engine/model/spec.h"

namespace hearth {
namespace {

class Gemma4Layer {
 public:
  Gemma4Layer(const ModelSpec& spec, const LayerSpec& layer, const BlockContext& context);

  void tensors(TensorVisitor& visit);
  int64_t workspace_columns() const;
  /// `vectors` are its own of the per-layer embedding, where there is one.
  void forward(const Step& step, Workspace workspace, Tensor vectors, Tensor x) const;

 private:
  std::array<int64_t, 1> widths() const { return {n_embd_}; }

  int64_t n_embd_;
  Layer layer_;
  std::optional<PerLayerUpdate> per_layer_;
  Vector scale_;  // in some files
};

Gemma4Layer::Gemma4Layer(const ModelSpec& spec, const LayerSpec& layer, const BlockContext& context)
    : n_embd_(context.n_embd), layer_(layer, context) {
  if (spec.per_layer.width > 0) per_layer_.emplace(spec.per_layer, n_embd_);
}

void Gemma4Layer::tensors(TensorVisitor& visit) {
  layer_.tensors(visit);
  if (per_layer_) per_layer_->tensors(visit);
  if (visit.has("layer_output_scale.weight")) visit.vector("layer_output_scale.weight", 1, scale_);
}

int64_t Gemma4Layer::workspace_columns() const {
  const int64_t update = per_layer_ ? Workspace::columns_of(widths()) + per_layer_->workspace_columns() : 0;
  return std::max(layer_.workspace_columns(), update);
}

void Gemma4Layer::forward(const Step& step, Workspace workspace, Tensor vectors, Tensor x) const {
  layer_.forward(step, workspace, x);
  if (per_layer_) {
    const auto [update] = workspace.take(widths());
    per_layer_->forward(step, workspace, x, vectors, update);
    step.backend.add(x, update);
  }
  if (scale_) step.backend.multiply(x, scale_);
}

class Gemma4 final : public Network {
 public:
  explicit Gemma4(const ModelSpec& spec);

  void tensors(TensorVisitor& visit) override;
  int64_t workspace_columns() const override;
  Result<void> hidden_states(const Step& step, Workspace workspace, Tensor outputs) const override;
  void logits(const Step& step, Tensor hidden, Tensor logits) const override {
    head_.logits(step, hidden, logits);
  }

 private:
  /// Of the residual stream and of the vectors of all layers.
  std::array<int64_t, 2> widths() const { return {n_embd_, per_layer_ ? per_layer_->columns() : 0}; }

  RopeSpec rope_;  // of the layers that see everything: the one that the file's factors are for
  std::optional<PerLayerEmbedding> per_layer_;
  std::vector<Gemma4Layer> layers_;
  Head head_;
};

Gemma4::Gemma4(const ModelSpec& spec) : Network(spec), head_(spec.head, spec.n_vocab(), n_embd_) {
  if (spec.per_layer.width > 0) {
    per_layer_.emplace(spec.per_layer, n_embd_, spec.n_vocab(), spec.n_layer());
  }
  layers_.reserve(spec.layers.size());
  for (const LayerSpec& layer : spec.layers) {
    states_.enter(static_cast<int32_t>(layers_.size()));
    layers_.emplace_back(spec, layer, BlockContext{n_embd_, states_});
    const RopeSpec& rope = std::get<AttentionSpec>(layer.mixer).rope;
    if (rope.uses_factors) rope_ = rope;
  }
}

void Gemma4::tensors(TensorVisitor& visit) {
  visit.enter(WeightStore::kNoLayer);
  embedding_.tensors(visit);
  if (per_layer_) per_layer_->tensors(visit);
  head_.tensors(visit, embedding_.table());
  if (rope_.dimensions > 0) rope_factors_.tensors(visit, rope_);
  for (size_t index = 0; index < layers_.size(); ++index) {
    visit.enter(static_cast<int32_t>(index));
    layers_[index].tensors(visit);
  }
}

int64_t Gemma4::workspace_columns() const {
  int64_t most = std::max(embedding_.workspace_columns(), per_layer_ ? per_layer_->workspace_columns() : 0);
  for (const Gemma4Layer& layer : layers_) most = std::max(most, layer.workspace_columns());
  return Workspace::columns_of(widths()) + most;
}

Result<void> Gemma4::hidden_states(const Step& step, Workspace workspace, Tensor outputs) const {
  const auto taken = workspace.take(widths());
  const Tensor x = taken[0];
  const Tensor vectors = taken[1];
  embedding_.forward(step, workspace, x);
  if (per_layer_) HEARTH_TRY(per_layer_->forward(step, workspace, x, vectors));
  HEARTH_TRY(for_each_layer(step, layers_.size(), [&](size_t index) {
    const auto layer = static_cast<int32_t>(index);
    layers_[index].forward(step, workspace, per_layer_ ? per_layer_->of_layer(vectors, layer) : Tensor{}, x);
  }));
  if (outputs.rows > 0) head_.hidden_states(step, x, outputs);
  return {};
}

}  // namespace

std::unique_ptr<Network> make_gemma4(const ModelSpec& spec) { return std::make_unique<Gemma4>(spec); }

}  // namespace hearth
