#include "engine/model/blocks/shared_expert.h"

#include <string>

#include "engine/model/blocks/gated.h"
#include "engine/model/blocks/plain.h"

namespace hearth {
namespace {

std::unique_ptr<Block> network_of(const SharedExpertSpec& spec, const BlockContext& context) {
  if (spec.gated) return make_block(GatedSpec{spec.n_ff, spec.activation, {}, spec.suffix}, context);
  return make_block(PlainSpec{spec.n_ff, spec.activation, spec.suffix}, context);
}

}  // namespace

SharedExpert::SharedExpert(const SharedExpertSpec& spec, const BlockContext& context)
    : spec_(spec), n_embd_(context.n_embd), network_(network_of(spec, context)) {}

void SharedExpert::tensors(TensorVisitor& visit) {
  const auto named = [&](std::string_view name) {
    return std::string(name).append(spec_.suffix) + ".weight";
  };
  is_there_ = !spec_.is_optional || visit.has(named("ffn_up"));
  if (!is_there_) return;
  network_->tensors(visit);
  if (spec_.has_gate) visit.matrix(named("ffn_gate_inp"), 1, n_embd_, opening_);
}

void SharedExpert::forward(const Step& step, Workspace workspace, Tensor h, Tensor update) const {
  if (!is_there_) return;
  Backend& backend = step.backend;
  const auto [out, weight] = workspace.take(widths());
  network_->forward(step, workspace, h, out);
  if (spec_.has_gate) {
    const Projection open{opening_, {}, weight};
    backend.linear(h, {&open, 1});
    backend.gate(Activation::kSigmoid, weight, out, out);
  }
  backend.add(update, out);
  if (spec_.sum_scale != 1.0F) backend.scale(spec_.sum_scale, update);
}

}  // namespace hearth
