#include "engine/model/blocks/short_convolution.h"

namespace hearth {

ShortConvolution::ShortConvolution(const ShortConvolutionSpec& spec, const BlockContext& context)
    : n_embd_(context.n_embd),
      convolution_{spec.taps, {}, {}},
      state_(context.states.add_slot(convolution_.state_bytes(n_embd_))) {}

void ShortConvolution::tensors(TensorVisitor& visit) {
  visit.matrix("shortconv.in_proj.weight", 3 * n_embd_, n_embd_, input_);
  visit.table("shortconv.conv.weight", {convolution_.count, n_embd_}, convolution_.taps);
  visit.matrix("shortconv.out_proj.weight", n_embd_, n_embd_, output_);
}

void ShortConvolution::forward(const Step& step, Workspace workspace, Tensor h, Tensor update) const {
  Backend& backend = step.backend;
  const auto [b, c, x, mixed] = workspace.take(widths());
  const auto part = [&](int64_t index) { return input_.slice_rows(index * n_embd_, n_embd_); };
  const std::array projections{Projection{part(0), {}, b}, Projection{part(1), {}, c},
                               Projection{part(2), {}, x}};
  backend.linear(h, projections);
  backend.gate(Activation::kIdentity, b, x, x);
  backend.convolve(convolution_, step.states.slots(state_), step.batch.rows, x, mixed);
  backend.gate(Activation::kIdentity, c, mixed, mixed);
  const Projection output{output_, {}, update};
  backend.linear(mixed, {&output, 1});
}

}  // namespace hearth
