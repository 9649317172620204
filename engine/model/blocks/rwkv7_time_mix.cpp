#include "engine/model/blocks/rwkv7_time_mix.h"

#include <algorithm>
#include <string>

namespace hearth {
namespace {

constexpr float kRwkv7NormEpsilon = 64e-5F;  // 1e-5 times the square of 8, by which RWKV divides heads

Tensor multiply_down(Backend& backend, Tensor x, const Weight& down, Tensor room) {
  const Tensor out{room.data, room.rows, down.rows};
  const Projection projection{down, {}, out};
  backend.linear(x, {&projection, 1});
  return out;
}

}  // namespace

Rwkv7TimeMix::Rwkv7TimeMix(const Rwkv7TimeMixSpec& spec, const BlockContext& context)
    : spec_(spec),
      n_embd_(context.n_embd),
      before_(context.states.add_slot(static_cast<uint64_t>(n_embd_) * sizeof(float))),
      state_(context.states.add_slot(static_cast<uint64_t>(spec.width() * spec.head_dimension) *
                                     sizeof(float))) {}

/// The position before, what is mixed, receptances, decays, keys, values, rates, gates, what the heads give,
/// and what comes of a matrix of low rank.
std::array<int64_t, 10> Rwkv7TimeMix::widths() const {
  const int64_t width = spec_.width();
  const int64_t rank = std::max({spec_.decay_rank, spec_.rate_rank, spec_.value_rank, spec_.gate_rank});
  return {n_embd_, n_embd_, width, width, width, width, width, width, width, rank};
}

void Rwkv7TimeMix::low_rank(TensorVisitor& visit, char name, int64_t rank, bool has_bias, LowRank& to) const {
  const std::string beginning = std::string("time_mix_") + name;
  visit.matrix(beginning + "1.weight", rank, n_embd_, to.down);
  visit.matrix(beginning + "2.weight", spec_.width(), rank, to.up.weight);
  if (has_bias) visit.vector(beginning + "0.weight", spec_.width(), to.up.bias);
}

void Rwkv7TimeMix::tensors(TensorVisitor& visit) {
  const int64_t width = spec_.width();
  low_rank(visit, 'w', spec_.decay_rank, true, decay_);
  low_rank(visit, 'a', spec_.rate_rank, true, rate_);
  // The first layer's file has matrices for this, too, which nothing reads.
  low_rank(visit, 'v', spec_.is_first ? spec_.rate_rank : spec_.value_rank, true, value_share_);
  const bool has_gate = !spec_.is_optional || visit.has("time_mix_g1.weight");
  if (has_gate) low_rank(visit, 'g', spec_.gate_rank, false, gate_);
  const size_t mixed = has_gate ? kMixed : kGate;
  Vector shares;
  visit.table("time_mix_lerp_fused.weight", {n_embd_, 1, 1, static_cast<int64_t>(mixed)}, shares);
  for (size_t i = 0; i < mixed; ++i) {
    shares_[i] = shares.slice(static_cast<int64_t>(i) * n_embd_, n_embd_);
  }
  visit.vector("time_mix_k_k.weight", width, removal_key_);
  visit.vector("time_mix_k_a.weight", width, replacement_key_);
  visit.vector("time_mix_r_k.weight", width, bonus_);
  visit.matrix("time_mix_key.weight", width, n_embd_, key_);
  visit.matrix("time_mix_value.weight", width, n_embd_, value_);
  visit.matrix("time_mix_receptance.weight", width, n_embd_, receptance_);
  if (!spec_.is_optional || visit.has("time_mix_ln.weight")) {
    visit.norm("time_mix_ln", NormKind::kLayer, width, norm_);
  }
  visit.matrix("time_mix_output.weight", n_embd_, width, output_);
}

void Rwkv7TimeMix::forward(const Step& step, Workspace workspace, Tensor h, Tensor update) const {
  Backend& backend = step.backend;
  const auto [before, x, r, decay, k, v, rate, gates, heads, low] = workspace.take(widths());
  backend.shift(step.states.slots(before_), step.batch.rows, h, before);
  const auto mix = [&, x = x, before = before](Mixed what) {
    backend.blend(h, before, {.weight = shares_[what]}, x);
  };
  const auto read = [&, x = x](const Weight& weight, Tensor to) {
    const Projection projection{weight, {}, to};
    backend.linear(x, {&projection, 1});
  };
  const auto multiply_up = [&](Tensor from, const Projection& up) { backend.linear(from, {&up, 1}); };
  mix(kReceptance);
  read(receptance_, r);
  mix(kDecay);
  const Tensor low_decay = multiply_down(backend, x, decay_.down, low);
  backend.soft_cap(1.0F, low_decay);  // tanh
  multiply_up(low_decay, decay_.up.to(decay));
  mix(kKey);
  read(key_, k);
  mix(kValue);
  read(value_, v);
  mix_values(step, x, low, heads, v);
  mix(kRate);
  multiply_up(multiply_down(backend, x, rate_.down, low), rate_.up.to(rate, Activation::kSigmoid));
  if (gate_.down) {
    mix(kGate);
    const Tensor low_gate = multiply_down(backend, x, gate_.down, low);
    backend.activate(Activation::kSigmoid, low_gate);
    multiply_up(low_gate, gate_.up.to(gates));
  }

  const Wkv7 rule{.n_head = spec_.n_head,
                  .head_dimension = spec_.head_dimension,
                  .removal_key = removal_key_,
                  .replacement_key = replacement_key_,
                  .bonus = bonus_,
                  .norm = {norm_.weight, norm_.bias, kRwkv7NormEpsilon}};
  backend.wkv7(rule, step.states.slots(state_), step.batch.rows, {r, k, v, decay, rate}, heads);
  if (gate_.down) backend.gate(Activation::kIdentity, gates, heads, heads);
  const Projection output{output_, {}, update};
  backend.linear(heads, {&output, 1});
}

void Rwkv7TimeMix::mix_values(const Step& step, Tensor x, Tensor low, Tensor amounts, Tensor v) const {
  if (spec_.is_first) return step.backend.copy(v.data, step.carried.data, v.bytes());
  const Projection amount = value_share_.up.to(amounts, Activation::kSigmoid);
  step.backend.linear(multiply_down(step.backend, x, value_share_.down, low), {&amount, 1});
  step.backend.blend(v, step.carried, {{}, amounts}, v);
}

}  // namespace hearth
