#include "engine/model/decoder.h"

#include <algorithm>
#include <variant>

#include "engine/model/layer_stack.h"
#include "engine/model/spec.h"

namespace hearth {
namespace {

class Decoder final : public Network {
 public:
  explicit Decoder(const ModelSpec& spec);

  void tensors(TensorVisitor& visit) override;
  int64_t workspace_columns() const override {
    return Workspace::columns_of(widths()) +
           std::max(embedding_.workspace_columns(), layers_.workspace_columns());
  }
  Result<void> hidden_states(const Step& step, Workspace workspace, Tensor outputs) const override;
  void logits(const Step& step, Tensor hidden, Tensor logits) const override {
    head_.logits(step, hidden, logits);
  }

 private:
  std::array<int64_t, 2> widths() const { return {n_embd_, carried_width_}; }

  int64_t carried_width_;
  bool carries_embedding_, norms_rounds_;
  int32_t n_layer_, n_layer_nextn_, n_round_;
  RopeSpec rope_;  // of the layer that turns the most: the file has factors for its pairs
  LayerStack layers_;
  Head head_;
};

Decoder::Decoder(const ModelSpec& spec)
    : Network(spec),
      carried_width_(spec.carried_width),
      carries_embedding_(spec.carries_embedding),
      norms_rounds_(spec.norms_rounds),
      n_layer_(spec.n_layer()),
      n_layer_nextn_(spec.n_layer_nextn),
      n_round_(spec.n_round),
      layers_(spec.layers, {n_embd_, states_}),
      head_(spec.head, spec.n_vocab(), n_embd_) {
  for (const LayerSpec& layer : spec.layers) {
    const RopeSpec* const rope = rope_of(layer.mixer);
    if (rope != nullptr && rope_.dimensions < rope->dimensions) rope_ = *rope;
  }
  const StatePlan of_round = states_;
  for (int32_t round = 1; round < n_round_; ++round) {
    for (size_t index = 0; index < of_round.kv.size(); ++index) {
      states_.enter(of_round.kv_layers[index].first);
      states_.add_kv(of_round.kv[index]);
    }
  }
}

void Decoder::tensors(TensorVisitor& visit) {
  visit.enter(WeightStore::kNoLayer);
  embedding_.tensors(visit);
  head_.tensors(visit, embedding_.table());
  classifier_.tensors(visit);
  rope_factors_.tensors(visit, rope_);
  layers_.tensors(visit);
  for (int32_t i = 0; i < n_layer_nextn_; ++i) visit.pass_over(n_layer_ + i);
}

// The transformer (Vaswani et al. 2017, decoder only): a residual stream x that every layer adds to.
Result<void> Decoder::hidden_states(const Step& step, Workspace workspace, Tensor outputs) const {
  const auto [x, carried] = workspace.take(widths());
  embedding_.forward(step, workspace, x);
  Step carrying = step;
  carrying.carried = carried;
  if (carries_embedding_) step.backend.copy(x.data, carried.data, x.bytes());
  const auto kv_of_round = static_cast<int32_t>(states_.kv.size()) / n_round_;
  for (int32_t round = 0; round < n_round_; ++round) {
    if (round > 0 && norms_rounds_) head_.normalise(step.backend, x, x);
    carrying.first_kv = round * kv_of_round;
    HEARTH_TRY(layers_.forward(carrying, workspace, x));
  }
  if (outputs.rows > 0) head_.hidden_states(step, x, outputs);
  return {};
}

}  // namespace

std::unique_ptr<Network> make_decoder(const ModelSpec& spec) { return std::make_unique<Decoder>(spec); }

}  // namespace hearth
