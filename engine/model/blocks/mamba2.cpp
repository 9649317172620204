#include "engine/model/blocks/mamba2.h"

namespace hearth {

Mamba2::Mamba2(const Mamba2Spec& spec, const BlockContext& context)
    : spec_(spec),
      n_embd_(context.n_embd),
      x_part_(make_part(spec.n_inner, context)),
      in_part_(make_part(spec.shared_width(), context)),
      out_part_(make_part(spec.shared_width(), context)) {
  scan_.n_state = spec.n_state;
  scan_.n_head = spec.n_head;
  scan_.n_group = spec.n_group;
  scan_state_ = context.states.add_slot(scan_.state_bytes(spec.n_inner));
}

Mamba2::Part Mamba2::make_part(int64_t columns, const BlockContext& context) const {
  Part part;
  part.convolution.count = spec_.n_tap;
  part.state = context.states.add_slot(part.convolution.state_bytes(columns));
  return part;
}

std::array<int64_t, 8> Mamba2::widths() const {
  const int64_t shared = spec_.shared_width();
  return {spec_.n_inner, spec_.n_inner, shared, shared, spec_.n_inner, shared, shared, spec_.n_head};
}

/// Of all that the input is projected to, behind the gate.
void Mamba2::take_part(int64_t first, int64_t columns, Part& part) const {
  part.weight = all_.slice_rows(spec_.n_inner + first, columns);
  part.convolution.taps = taps_.slice(first * spec_.n_tap, columns * spec_.n_tap);
  if (tap_bias_) part.convolution.bias = tap_bias_.slice(first, columns);
}

void Mamba2::tensors(TensorVisitor& visit) {
  const int64_t inner = spec_.n_inner;
  const int64_t shared = spec_.shared_width();
  const int64_t convolved = inner + 2 * shared;
  visit.matrix("ssm_in.weight", inner + convolved + spec_.n_head, n_embd_, all_);
  visit.table("ssm_conv1d.weight", {spec_.n_tap, convolved}, taps_);
  if (visit.has("ssm_conv1d.bias")) visit.vector("ssm_conv1d.bias", convolved, tap_bias_);
  gate_ = all_.slice_rows(0, inner);
  take_part(0, inner, x_part_);
  take_part(inner, shared, in_part_);
  take_part(inner + shared, shared, out_part_);
  step_ = all_.slice_rows(inner + convolved, spec_.n_head);
  visit.vector("ssm_dt.bias", spec_.n_head, step_bias_);
  visit.table("ssm_a", {1, spec_.n_head}, scan_.decay);
  visit.table("ssm_d", {1, spec_.n_head}, scan_.skip);
  if (!spec_.may_lack_norm || visit.has("ssm_norm.weight")) {
    visit.table("ssm_norm.weight", {inner / spec_.n_group, spec_.n_group}, norm_);
  }
  visit.matrix("ssm_out.weight", n_embd_, inner, out_);
}

// All that the state space needs comes of one projection; x and what goes in and out pass a convolution.
void Mamba2::forward(const Step& step, Workspace workspace, Tensor h, Tensor update) const {
  Backend& backend = step.backend;
  const BatchRows& rows = step.batch.rows;
  const auto [gate, x, in, out, u, u_in, u_out, steps] = workspace.take(widths());
  const std::array<Projection, 5> projections{
      Projection{gate_, {}, gate}, Projection{x_part_.weight, {}, x}, Projection{in_part_.weight, {}, in},
      Projection{out_part_.weight, {}, out}, Projection{step_, step_bias_, steps, Activation::kSoftplus}};
  backend.linear(h, projections);
  const auto convolve = [&](const Part& part, Tensor from, Tensor to) {
    backend.convolve(part.convolution, step.states.slots(part.state), rows, from, to);
    backend.activate(Activation::kSilu, to);
  };
  convolve(x_part_, x, u);
  convolve(in_part_, in, u_in);
  convolve(out_part_, out, u_out);

  const Tensor y = x;
  backend.scan(scan_, step.states.slots(scan_state_), rows, {u, steps, u_in, u_out}, y);
  backend.gate(Activation::kSilu, gate, y, y);
  if (norm_) {
    backend.norm(NormKind::kRms, y, {{}, spec_.n_inner / spec_.n_group}, {}, spec_.epsilon, y);
    backend.multiply(y, norm_);
  }
  const Projection output{out_, {}, update};
  backend.linear(y, {&output, 1});
}

}  // namespace hearth
