#include "engine/model/blocks/classifier.h"

namespace hearth {

void Classifier::tensors(TensorVisitor& visit) {
  const bool has_output = visit.has("cls.output.weight");
  if (visit.has("cls.weight")) visit.linear("cls", has_output ? n_embd_ : spec_.labels, n_embd_, dense_);
  if (visit.has("cls.norm.weight")) visit.norm("cls.norm", spec_.norm.kind, n_embd_, norm_);
  if (has_output) visit.linear("cls.output", spec_.labels, n_embd_, output_);
}

void Classifier::forward(Backend& backend, Tensor pooled, Tensor room, Tensor scores) const {
  Tensor x = pooled;
  if (dense_.weight) {
    x = output_.weight ? room : scores;
    const Projection dense{dense_.weight, dense_.bias, x};
    backend.linear(pooled, {&dense, 1});
    bend(backend, x);
  }
  if (norm_.weight) backend.norm(spec_.norm.kind, x, norm_.weight, norm_.bias, spec_.norm.epsilon, x);
  if (!output_.weight) return;
  const Projection output{output_.weight, output_.bias, scores};
  backend.linear(x, {&output, 1});
}

void Classifier::bend(Backend& backend, Tensor x) const {
  switch (spec_.bend) {
    case ClassifierSpec::Bend::kTanh:
      return backend.soft_cap(1.0F, x);  // 1 tanh(x / 1)
    case ClassifierSpec::Bend::kGelu:
      return backend.activate(Activation::kGeluTanh, x);
  }
}

}  // namespace hearth
