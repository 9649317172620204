#include "engine/model/blocks/head.h"

#include <algorithm>
#include <limits>
#include <span>

namespace hearth {
namespace {

bool are_all(std::span<const int32_t> rows, int64_t count) {
  int32_t next = 0;
  return std::ssize(rows) == count && std::ranges::all_of(rows, [&](int32_t row) { return row == next++; });
}

}  // namespace

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
  const std::span<const int32_t> rows = step.batch.output_rows;
  if (are_all(rows, x.rows)) return normalise(step.backend, x, outputs);
  step.backend.gather_rows(x, rows, outputs);
  normalise(step.backend, outputs, outputs);
}

void Head::normalise(Backend& backend, Tensor x, Tensor out) const {
  backend.norm(spec_.norm.kind, x, norm_.weight, norm_.bias, spec_.norm.epsilon, out);
}

void Head::logits(const Step& step, Tensor hidden, Tensor logits) const {
  const Projection output = output_.to(logits);
  step.backend.linear(hidden, {&output, 1});
  if (scale_ != 1.0F) step.backend.scale(scale_, logits);
  if (spec_.soft_cap > 0.0F) step.backend.soft_cap(spec_.soft_cap, logits);
  silence(step.backend, logits);
}

void Head::silence(Backend& backend, Tensor logits) const {
  const auto first = std::min<int64_t>(spec_.unsaid.first, n_vocab_);
  const auto count = std::min<int64_t>(spec_.unsaid.count, n_vocab_ - first);
  if (count <= 0) return;
  const std::vector<float> lowest(static_cast<size_t>(count), std::numeric_limits<float>::lowest());
  for (int64_t row = 0; row < logits.rows; ++row) {
    const Buffer begin = logits.slice_rows(row, 1).data;
    backend.write(std::as_bytes(std::span(lowest)), begin.at(static_cast<uint64_t>(first) * sizeof(float)));
  }
}

}  // namespace hearth
