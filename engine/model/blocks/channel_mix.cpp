#include "engine/model/blocks/channel_mix.h"

namespace hearth {

ChannelMix::ChannelMix(const ChannelMixSpec& spec, const BlockContext& context)
    : spec_(spec),
      n_embd_(context.n_embd),
      before_(context.states.add_slot(static_cast<uint64_t>(n_embd_) * sizeof(float))) {}

void ChannelMix::tensors(TensorVisitor& visit) {
  visit.vector("channel_mix_lerp_k.weight", n_embd_, key_share_);
  visit.matrix("channel_mix_key.weight", spec_.n_ff, n_embd_, key_);
  visit.matrix("channel_mix_value.weight", n_embd_, spec_.n_ff, value_);
  if (!spec_.has_receptance) return;
  visit.vector("channel_mix_lerp_r.weight", n_embd_, receptance_share_);
  visit.matrix("channel_mix_receptance.weight", n_embd_, n_embd_, receptance_);
}

void ChannelMix::forward(const Step& step, Workspace workspace, Tensor h, Tensor update) const {
  Backend& backend = step.backend;
  const auto [before, x, hidden, receptance] = workspace.take(widths());
  backend.shift(step.states.slots(before_), step.batch.rows, h, before);
  backend.blend(h, before, {.weight = key_share_}, x);
  const Projection key{key_, {}, hidden, Activation::kReluSquared};
  backend.linear(x, {&key, 1});
  const Projection value{value_, {}, update};
  backend.linear(hidden, {&value, 1});
  if (!spec_.has_receptance) return;
  backend.blend(h, before, {.weight = receptance_share_}, x);
  const Projection open{receptance_, {}, receptance};
  backend.linear(x, {&open, 1});
  backend.gate(Activation::kSigmoid, receptance, update, update);
}

}  // namespace hearth
