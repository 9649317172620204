#include "engine/model/blocks/rwkv6_time_mix.h"

#include <string>
#include <string_view>

namespace hearth {
namespace {

constexpr float kRwkv6NormEpsilon = 64e-5F;  // 1e-5 times the square of 8, by which RWKV divides heads

}  // namespace

Rwkv6TimeMix::Rwkv6TimeMix(const Rwkv6TimeMixSpec& spec, const BlockContext& context)
    : spec_(spec),
      n_embd_(context.n_embd),
      before_(context.states.add_slot(static_cast<uint64_t>(n_embd_) * sizeof(float))),
      state_(context.states.add_slot(static_cast<uint64_t>(spec.width() * spec.head_dimension) *
                                     sizeof(float))) {}

/// The position before, what is mixed, amounts, decays, keys, values, receptances, gates, and what comes of a
/// matrix of low rank.
std::array<int64_t, 9> Rwkv6TimeMix::widths() const {
  return {n_embd_,          n_embd_,       n_embd_,       spec_.width(),   spec_.kv_width(),
          spec_.kv_width(), spec_.width(), spec_.width(), spec_.decay_rank};
}

std::array<int64_t, Rwkv6TimeMix::kMixed> Rwkv6TimeMix::share_widths() const {
  std::array<int64_t, kMixed> widths;
  widths.fill(spec_.share_rank);
  return widths;
}

int64_t Rwkv6TimeMix::workspace_columns() const {
  return Workspace::columns_of(widths()) + Workspace::columns_of(share_widths());
}

void Rwkv6TimeMix::tensors(TensorVisitor& visit) {
  const int64_t width = spec_.width();
  tensors_of_shares(visit);
  visit.vector("time_mix_decay.weight", width, decay_up_.bias);
  visit.matrix("time_mix_decay_w1.weight", spec_.decay_rank, n_embd_, decay_down_);
  visit.matrix("time_mix_decay_w2.weight", width, spec_.decay_rank, decay_up_.weight);
  visit.linear("time_mix_key", spec_.kv_width(), n_embd_, key_);
  visit.linear("time_mix_value", spec_.kv_width(), n_embd_, value_);
  visit.linear("time_mix_receptance", width, n_embd_, receptance_);
  visit.matrix("time_mix_gate.weight", width, n_embd_, gate_);
  visit.matrix("time_mix_output.weight", n_embd_, width, output_);
  if (!spec_.has_bonus) return;
  visit.table("time_mix_first.weight", {spec_.head_dimension, spec_.n_head}, bonus_);
  visit.norm("time_mix_ln", NormKind::kLayer, width, norm_);
}

void Rwkv6TimeMix::tensors_of_shares(TensorVisitor& visit) {
  constexpr auto kCount = static_cast<int64_t>(kMixed);
  visit.matrix("time_mix_w1.weight", kCount * spec_.share_rank, n_embd_, share_down_);
  visit.stacked("time_mix_w2.weight", kCount, n_embd_, spec_.share_rank, share_up_);
  visit.vector("time_mix_lerp_x.weight", n_embd_, first_share_);
  if (!spec_.has_bonus || visit.has("time_mix_lerp_fused.weight")) {
    Vector fused;
    visit.table("time_mix_lerp_fused.weight", {n_embd_, 1, 1, kCount}, fused);
    for (size_t i = 0; i < kMixed; ++i) {
      shares_[i] = fused.slice(static_cast<int64_t>(i) * n_embd_, n_embd_);
    }
    return;
  }
  constexpr std::string_view kNames = "wkvrg";
  for (size_t i = 0; i < kMixed; ++i) {
    visit.vector(std::string("time_mix_lerp_") + kNames[i] + ".weight", n_embd_, shares_[i]);
  }
}

void Rwkv6TimeMix::forward(const Step& step, Workspace workspace, Tensor h, Tensor update) const {
  Backend& backend = step.backend;
  const auto [before, x, amounts, decay, k, v, r, gates, low] = workspace.take(widths());
  const std::array<Tensor, kMixed> low_shares = workspace.take(share_widths());
  backend.shift(step.states.slots(before_), step.batch.rows, h, before);
  backend.blend(h, before, {.weight = first_share_}, x);
  std::array<Projection, kMixed> downs;
  for (size_t i = 0; i < kMixed; ++i) {
    const int64_t first = static_cast<int64_t>(i) * spec_.share_rank;
    downs[i] = {share_down_.slice_rows(first, spec_.share_rank), {}, low_shares[i]};
  }
  backend.linear(x, downs);
  for (const Tensor& share : low_shares) backend.soft_cap(1.0F, share);  // tanh

  const std::array<Projection, kMixed> reads{Projection{decay_down_, {}, low}, key_.to(k), value_.to(v),
                                             receptance_.to(r), Projection{gate_, {}, gates}};
  for (size_t i = 0; i < kMixed; ++i) {
    const Weight up = share_up_.slice_rows(static_cast<int64_t>(i) * n_embd_, n_embd_);
    const Projection amount{up, {}, amounts};
    backend.linear(low_shares[i], {&amount, 1});
    backend.blend(h, before, {shares_[i], amounts}, x);
    backend.linear(x, {&reads[i], 1});
  }
  backend.soft_cap(1.0F, low);  // tanh
  const Projection decay_up = decay_up_.to(decay);
  backend.linear(low, {&decay_up, 1});

  const Wkv6 rule{.n_head = spec_.n_head,
                  .n_head_kv = spec_.n_head_kv,
                  .head_dimension = spec_.head_dimension,
                  .bonus = bonus_,
                  .norm = {norm_.weight, norm_.bias, kRwkv6NormEpsilon}};
  const Tensor heads{amounts.data, amounts.rows, spec_.width()};
  backend.wkv6(rule, step.states.slots(state_), step.batch.rows, {r, k, v, decay}, heads);
  backend.gate(spec_.has_bonus ? Activation::kSilu : Activation::kSigmoid, gates, heads, heads);
  const Projection output{output_, {}, update};
  backend.linear(heads, {&output, 1});
}

}  // namespace hearth
