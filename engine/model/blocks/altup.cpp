#include "engine/model/blocks/altup.h"

namespace hearth {

void AltUp::tensors(TensorVisitor& visit) {
  const int64_t n = spec_.streams;
  visit.norm("altup_router_norm", spec_.norm.kind, n_embd_, router_norm_);
  visit.matrix("altup_router.weight", n, n_embd_, router_);
  visit.matrix("altup_predict_coef.weight", n * n, n, prediction_);
  visit.matrix("altup_correct_coef.weight", n, n, correction_);
}

void AltUp::predict(const Step& step, Workspace workspace, const Streams& x,
                    const Streams& predictions) const {
  Backend& backend = step.backend;
  const auto [normalised, modalities, coefficients] = workspace.take(widths());
  route(backend, x[static_cast<size_t>(spec_.active)], normalised, modalities);
  const Projection prediction{prediction_, {}, coefficients};
  backend.linear(modalities, {&prediction, 1});
  int64_t coefficient = 0;
  for (size_t i = 0; i < x.size(); ++i) {
    backend.copy(x[i].data, predictions[i].data, x[i].bytes());
    for (const Tensor& stream : x) {
      backend.add_weighted(predictions[i], stream, coefficients, coefficient++);
    }
  }
}

void AltUp::correct(const Step& step, Workspace workspace, Tensor computed,
                    const Streams& predictions) const {
  Backend& backend = step.backend;
  const auto [normalised, modalities, all] = workspace.take(widths());
  route(backend, computed, normalised, modalities);
  const Tensor coefficients{all.data, all.rows, spec_.streams};
  const Projection correction{correction_, {}, coefficients};
  backend.linear(modalities, {&correction, 1});
  backend.add_scaled(computed, predictions[static_cast<size_t>(spec_.active)], -1.0F);
  for (size_t i = 0; i < predictions.size(); ++i) {
    backend.add(predictions[i], computed);
    backend.add_weighted(predictions[i], computed, coefficients, static_cast<int64_t>(i));
  }
}

// modalities = tanh(router(norm(x)) / n_embd).
void AltUp::route(Backend& backend, Tensor x, Tensor normalised, Tensor modalities) const {
  backend.norm(spec_.norm.kind, x, router_norm_.weight, router_norm_.bias, spec_.norm.epsilon, normalised);
  const Projection router{router_, {}, modalities};
  backend.linear(normalised, {&router, 1});
  backend.scale(1.0F / static_cast<float>(n_embd_), modalities);
  backend.soft_cap(1.0F, modalities);  // 1 tanh(x / 1)
}

void AltUpEnds::tensors(TensorVisitor& visit) {
  visit.stacked("altup_proj.weight", spec_.streams - 1, n_embd_, n_embd_, opening_);
  visit.stacked("altup_unembd_proj.weight", spec_.streams - 1, n_embd_, n_embd_, closing_);
}

void AltUpEnds::open(const Step& step, const Streams& streams) const {
  Backend& backend = step.backend;
  std::vector<Projection> projections;
  projections.reserve(streams.size());
  for (size_t i = 1; i < streams.size(); ++i) projections.push_back({of(opening_, i), {}, streams[i]});
  backend.linear(streams.front(), projections);
  for (size_t i = 1; i < streams.size(); ++i) backend.match_lengths(streams[i], streams.front());
}

void AltUpEnds::close(const Step& step, Workspace workspace, const Streams& streams) const {
  Backend& backend = step.backend;
  const auto [mean, projected] = workspace.take(widths());
  backend.copy(streams.front().data, mean.data, mean.bytes());
  for (size_t i = 1; i < streams.size(); ++i) {
    const Projection projection{of(closing_, i), {}, projected};
    backend.linear(streams[i], {&projection, 1});
    backend.match_lengths(projected, streams[static_cast<size_t>(spec_.active)]);
    backend.add(mean, projected);
  }
  backend.copy(mean.data, streams.front().data, mean.bytes());
  backend.scale(1.0F / static_cast<float>(streams.size()), streams.front());
}

}  // namespace hearth
