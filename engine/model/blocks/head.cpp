#include "engine/model/blocks/head.h"

namespace hearth {

void Head::tensors(TensorVisitor& visit, const Weight& embedding) {
  visit.norm(spec_.norm_name, spec_.norm, n_embd_, norm_);
  output_.weight = embedding;
  const bool is_embedding = !visit.has("token_embd.weight");  // which is the output's matrix then
  const bool has_own = visit.has("output.weight") && !is_embedding;
  if (has_own) visit.matrix("output.weight", n_vocab_, n_embd_, output_.weight);
  scale_ = has_own ? spec_.logit_scale : spec_.logit_scale * spec_.tied_scale;
  if (visit.has("output.bias")) visit.vector("output.bias", n_vocab_, output_.bias);
}

void Head::hidden_states(const Step& step, Tensor x, Tensor outputs) const {
  step.backend.gather_rows(x, step.batch.output_rows, outputs);
  step.backend.norm(spec_.norm.kind, outputs, norm_.weight, norm_.bias, spec_.norm.epsilon, outputs);
}

void Head::logits(const Step& step, Tensor hidden, Tensor logits) const {
  const Projection output = output_.to(logits);
  step.backend.linear(hidden, {&output, 1});
  if (scale_ != 1.0F) step.backend.scale(scale_, logits);
  if (spec_.soft_cap > 0.0F) step.backend.soft_cap(spec_.soft_cap, logits);
}

}  // namespace hearth
