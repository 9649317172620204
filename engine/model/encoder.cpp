#include "engine/model/encoder.h"

#include <algorithm>

#include "engine/model/layer_stack.h"
#include "engine/model/spec.h"

namespace hearth {
namespace {

class Encoder final : public Network {
 public:
  explicit Encoder(const ModelSpec& spec);

  void tensors(TensorVisitor& visit) override;
  int64_t workspace_columns() const override {
    return Workspace::columns_of(widths()) +
           std::max({embedding_.workspace_columns(), layers_.workspace_columns(),
                     dense_layers_.workspace_columns()});
  }
  Result<void> hidden_states(const Step& step, Workspace workspace, Tensor outputs) const override;
  /// Encoders answer nothing, and are asked for no logits (Scheduler::submit).
  void logits(const Step& /*step*/, Tensor /*hidden*/, Tensor /*logits*/) const override {}

 private:
  std::array<int64_t, 1> widths() const { return {n_embd_}; }

  LayerStack layers_;
  std::optional<HeadSpec> head_;  // of which it has the norm only
  Norm last_norm_;
  DenseLayers dense_layers_;
};

Encoder::Encoder(const ModelSpec& spec)
    : Network(spec),
      layers_(spec.layers, {n_embd_, states_}, spec.layer_prefix),
      dense_layers_(spec.dense_layers, n_embd_) {
  if (!spec.layers.back().norms_sums) head_ = spec.head;
}

void Encoder::tensors(TensorVisitor& visit) {
  visit.enter(WeightStore::kNoLayer);
  embedding_.tensors(visit);
  if (head_) visit.norm(head_->norm_name, head_->norm, n_embd_, last_norm_);
  if (visit.has("output.weight")) visit.unread("output.weight", {n_embd_, n_vocab_});
  dense_layers_.tensors(visit);
  classifier_.tensors(visit);
  layers_.tensors(visit);
}

// The transformer's encoder (Vaswani et al. 2017): as a decoder, but that every row sees its whole text. A
// row of the batch is wanted once at most.
Result<void> Encoder::hidden_states(const Step& step, Workspace workspace, Tensor outputs) const {
  const auto [x] = workspace.take(widths());
  embedding_.forward(step, workspace, x);
  HEARTH_TRY(layers_.forward(step, workspace, x));
  if (outputs.rows == 0) return {};
  Backend& backend = step.backend;
  backend.gather_rows(x, step.batch.output_rows, outputs);
  if (head_) {
    const NormSpec& norm = head_->norm;
    backend.norm(norm.kind, outputs, last_norm_.weight, last_norm_.bias, norm.epsilon, outputs);
  }
  dense_layers_.forward(backend, workspace, outputs);
  return {};
}

}  // namespace

std::unique_ptr<Network> make_encoder(const ModelSpec& spec) { return std::make_unique<Encoder>(spec); }

}  // namespace hearth
