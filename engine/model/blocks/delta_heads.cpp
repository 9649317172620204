#include "engine/model/blocks/delta_heads.h"

namespace hearth {

DeltaHeads::DeltaHeads(const DeltaHeadsSpec& spec, const BlockContext& context) : spec_(spec) {
  const auto columns = widths();
  for (size_t i = 0; i < columns.size(); ++i) {
    convolutions_[i].count = spec.taps;
    convolved_[i] = context.states.add_slot(convolutions_[i].state_bytes(columns[i]));
  }
  const auto floats = static_cast<uint64_t>(spec.value_width() * spec.key_dimension);
  state_ = context.states.add_slot(floats * sizeof(float));
}

void DeltaHeads::set_taps(Vector all) {
  int64_t first = 0;
  for (size_t i = 0; i < convolutions_.size(); ++i) {
    const int64_t count = widths()[i] * spec_.taps;
    convolutions_[i].taps = all.slice(first, count);
    first += count;
  }
}

void DeltaHeads::forward(const Step& step, Workspace workspace, const DeltaRuleInputs& inputs,
                         Tensor out) const {
  const auto convolved = workspace.take(widths());
  const std::array from{inputs.q, inputs.k, inputs.v};
  for (size_t i = 0; i < from.size(); ++i) {
    step.backend.convolve(convolutions_[i], step.states.slots(convolved_[i]), step.batch.rows, from[i],
                          convolved[i]);
    step.backend.activate(Activation::kSilu, convolved[i]);
  }
  const DeltaRule rule{.n_head = spec_.n_head,
                       .n_head_key = spec_.n_head_key,
                       .neighbours_share_keys = spec_.neighbours_share_keys,
                       .key_dimension = spec_.key_dimension,
                       .value_dimension = spec_.value_dimension,
                       .epsilon = spec_.epsilon,
                       .decay_bias = decay_bias_,
                       .decay_rate = decay_rate_};
  step.backend.delta_rule(rule, step.states.slots(state_), step.batch.rows,
                          {convolved[0], convolved[1], convolved[2], inputs.decay, inputs.strength}, out);
}

}  // namespace hearth
