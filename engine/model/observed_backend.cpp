#include "engine/model/observed_backend.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cstdint>
#include <numeric>

#include "engine/model/workspace.h"

namespace hearth {
namespace {

/// Which rows each expert gets: every row goes to those with its best scores, the lower one of equal ones.
std::vector<std::vector<int32_t>> rows_by_expert(const ExpertParameters& parameters,
                                                 std::span<const float> scores) {
  const auto count = static_cast<size_t>(parameters.count);
  std::vector<std::vector<int32_t>> rows(count);
  std::vector<size_t> order(count);
  for (int32_t row = 0; !scores.empty(); scores = scores.subspan(count), ++row) {
    std::iota(order.begin(), order.end(), 0);
    std::ranges::partial_sort(order, order.begin() + parameters.used, [&](size_t a, size_t b) {
      return scores[a] > scores[b] || (scores[a] == scores[b] && a < b);
    });
    for (int32_t i = 0; i < parameters.used; ++i) rows[order[static_cast<size_t>(i)]].push_back(row);
  }
  return rows;
}

}  // namespace

void ObservedBackend::linear(Tensor x, std::span<const Projection> projections) {
  const auto counts = [this](const Projection& projection) { return sums_.counts(projection.weight); };
  if (std::any_of(projections.begin(), projections.end(), counts)) {
    const std::vector<float> rows = read(x);
    int32_t last = -1;
    for (const Projection& projection : projections) {
      // Parts of one matrix (q, k and v, say) have the input once.
      if (projection.weight.matrix != last) sums_.add(projection.weight, 0, rows);
      last = projection.weight.matrix;
    }
  }
  device_.linear(x, projections);
}

void ObservedBackend::gated_linear(Tensor x, const Weight& gate, const Weight& up, Activation activation,
                                   Tensor out) {
  if (sums_.counts(gate) || sums_.counts(up)) {
    const std::vector<float> rows = read(x);
    sums_.add(gate, 0, rows);
    if (up.matrix != gate.matrix) sums_.add(up, 0, rows);
  }
  device_.gated_linear(x, gate, up, activation, out);
}

void ObservedBackend::experts(const ExpertParameters& parameters, const ExpertWeights& weights, Tensor x,
                              Tensor out) {
  if (x.rows > 0 && sums_.counts(weights.down)) observe_experts(parameters, weights, x);
  device_.experts(parameters, weights, x, out);
}

// The device keeps to itself which rows an expert gets, and what goes into its second product: both are
// computed here once more.
void ObservedBackend::observe_experts(const ExpertParameters& parameters, const ExpertWeights& weights,
                                      Tensor x) {
  const std::array widths{int64_t{parameters.count}, x.columns, parameters.n_ff};
  const uint64_t bytes = static_cast<uint64_t>(x.rows * Workspace::columns_of(widths)) * sizeof(float);
  const Result<Buffer> memory = device_.allocate(bytes);
  if (!memory.ok()) {
    return sums_.fail({memory.error().code,
                       fmt::format("no memory to observe {} rows of experts in ({} bytes)", x.rows, bytes)});
  }
  const auto [scores, inputs, hidden] = Workspace(*memory, x.rows).take(widths);
  const Projection router{weights.router, {}, scores};
  linear(x, {&router, 1});
  const auto rows = rows_by_expert(parameters, read(scores));
  for (int32_t expert = 0; expert < parameters.count; ++expert) {
    const std::vector<int32_t>& own = rows[static_cast<size_t>(expert)];
    if (own.empty()) continue;
    const Tensor own_inputs = inputs.slice_rows(0, std::ssize(own));
    device_.gather_rows(x, own, own_inputs);
    observe_expert(expert, parameters, weights, own_inputs, hidden.slice_rows(0, std::ssize(own)));
  }
  device_.release(*memory);
}

void ObservedBackend::observe_expert(int32_t expert, const ExpertParameters& parameters,
                                     const ExpertWeights& weights, Tensor inputs, Tensor hidden) {
  const auto number = static_cast<size_t>(expert);
  const auto own = [&](const Weight& all) {
    return all.slice_rows(expert * parameters.n_ff, parameters.n_ff);
  };
  const std::vector<float> rows = read(inputs);
  sums_.add(weights.up, number, rows);
  if (weights.gate) {
    sums_.add(weights.gate, number, rows);
    device_.gated_linear(inputs, own(weights.gate), own(weights.up), parameters.activation, hidden);
  } else {
    const Projection up{own(weights.up), {}, hidden, parameters.activation};
    device_.linear(inputs, {&up, 1});
  }
  sums_.add(weights.down, number, read(hidden));
}

std::vector<float> ObservedBackend::read(Tensor x) {
  std::vector<float> values(static_cast<size_t>(x.rows * x.columns));
  device_.begin_read(x.data, std::as_writable_bytes(std::span(values)));
  const Result<void> there = device_.wait();
  if (!there.ok()) sums_.fail(there.error());
  return values;
}

}  // namespace hearth
