#include "engine/model/blocks/mamba.h"

#include <vector>

namespace hearth {

Mamba::Mamba(const MambaSpec& spec, const BlockContext& context) : spec_(spec), n_embd_(context.n_embd) {
  convolution_.count = spec.n_tap;
  scan_.n_state = spec.n_state;
  scan_.n_head = spec.n_head;
  convolution_state_ = context.states.add_slot(convolution_.state_bytes(spec.n_inner));
  scan_state_ = context.states.add_slot(scan_.state_bytes(spec.n_inner));
}

std::array<int64_t, 8> Mamba::widths() const {
  const int64_t inner = spec_.n_inner;
  return {spec_.is_by_head ? 2 * inner : 0,
          inner,
          inner,
          inner,
          spec_.n_step,
          spec_.n_state,
          spec_.n_state,
          spec_.n_head};
}

void Mamba::tensors(TensorVisitor& visit) {
  const int64_t inner = spec_.n_inner;
  const int64_t state = spec_.n_state;
  visit.matrix("ssm_in.weight", 2 * inner, n_embd_, in_);
  visit.table("ssm_conv1d.weight", {spec_.n_tap, inner}, convolution_.taps);
  if (visit.has("ssm_conv1d.bias")) visit.vector("ssm_conv1d.bias", inner, convolution_.bias);
  visit.matrix("ssm_x.weight", spec_.n_step + 2 * state, inner, step_in_);
  const int64_t first_in = spec_.is_by_head ? 0 : spec_.n_step;
  rows_of_step_ = step_in_.slice_rows(spec_.is_by_head ? 2 * state : 0, spec_.n_step);
  rows_of_in_ = step_in_.slice_rows(first_in, state);
  rows_of_out_ = step_in_.slice_rows(first_in + state, state);
  if (spec_.norm) {
    visit.norm("ssm_dt_norm", *spec_.norm, spec_.n_step, step_norm_);
    visit.norm("ssm_b_norm", *spec_.norm, state, in_norm_);
    visit.norm("ssm_c_norm", *spec_.norm, state, out_norm_);
  }
  visit.linear("ssm_dt", spec_.n_head, spec_.n_step, step_);
  const bool shares_decay = spec_.n_head < inner;
  visit.table("ssm_a", shares_decay ? std::vector{spec_.n_head} : std::vector{state, inner}, scan_.decay);
  visit.vector("ssm_d", spec_.n_head, scan_.skip);
  visit.matrix("ssm_out.weight", n_embd_, inner, out_);
}

/// x and its gate.
void Mamba::project(Backend& backend, Tensor h, Tensor both, Tensor x, Tensor gate) const {
  if (!spec_.is_by_head) {
    const std::array<Projection, 2> halves{
        Projection{in_.slice_rows(0, spec_.n_inner), {}, x},
        Projection{in_.slice_rows(spec_.n_inner, spec_.n_inner), {}, gate}};
    return backend.linear(h, halves);
  }
  const Projection projection{in_, {}, both};
  backend.linear(h, {&projection, 1});
  const int64_t width = spec_.n_inner / spec_.n_head;
  backend.copy_heads({both, spec_.n_head}, {gate, spec_.n_head}, width);
  backend.copy_heads({both, spec_.n_head, width}, {x, spec_.n_head}, width);
}

// The convolution sees a few rows back; what comes of it is what the state space takes in, and says how much
// of it, and what is wanted of the state.
void Mamba::forward(const Step& step, Workspace workspace, Tensor h, Tensor update) const {
  Backend& backend = step.backend;
  const BatchRows& rows = step.batch.rows;
  const auto [both, x, gate, u, low_steps, in, out, steps] = workspace.take(widths());
  project(backend, h, both, x, gate);
  backend.convolve(convolution_, step.states.slots(convolution_state_), rows, x, u);
  backend.activate(Activation::kSilu, u);

  const std::array<Projection, 3> projections{Projection{rows_of_step_, {}, low_steps},
                                              Projection{rows_of_in_, {}, in},
                                              Projection{rows_of_out_, {}, out}};
  backend.linear(u, projections);
  if (spec_.norm) {
    const auto& [kind, epsilon, has_weights, has_bias] = *spec_.norm;
    backend.norm(kind, low_steps, step_norm_.weight, {}, epsilon, low_steps);
    backend.norm(kind, in, in_norm_.weight, {}, epsilon, in);
    backend.norm(kind, out, out_norm_.weight, {}, epsilon, out);
  }
  const Projection to_steps{step_.weight, step_.bias, steps, Activation::kSoftplus, step_.scale};
  backend.linear(low_steps, {&to_steps, 1});

  const Tensor y = x;
  backend.scan(scan_, step.states.slots(scan_state_), rows, {u, steps, in, out}, y);
  backend.gate(Activation::kSilu, gate, y, y);
  const Projection output{out_, {}, update};
  backend.linear(y, {&output, 1});
}

}  // namespace hearth
