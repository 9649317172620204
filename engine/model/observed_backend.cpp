#include "engine/model/observed_backend.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <iterator>

#include "engine/compute/expert_choice.h"
#include "engine/format/dequantize.h"
#include "engine/model/workspace.h"

namespace hearth {
namespace {

/// What a row that chose an expert is multiplied with before it goes in.
struct InputRow {
  int32_t row;
  float weight;
};

float sigmoid(float x) { return 1.0F / (1.0F + std::exp(-x)); }

std::vector<float> scores_of(const ExpertParameters& parameters, std::span<const float> logits) {
  std::vector<float> scores(logits.begin(), logits.end());
  if (parameters.gating == ExpertGating::kSigmoid) std::ranges::transform(scores, scores.begin(), sigmoid);
  if (parameters.gating != ExpertGating::kSoftmax) return scores;
  const float largest = *std::ranges::max_element(scores);
  float sum = 0.0F;
  for (float& score : scores) sum += score = std::exp(score - largest);
  for (float& score : scores) score /= sum;
  return scores;
}

/// Which rows each expert gets. Weights are those of a model that weighs what goes in: they have no sum.
std::vector<std::vector<InputRow>> rows_by_expert(const ExpertParameters& parameters,
                                                  std::span<const float> logits,
                                                  std::span<const float> selection_bias) {
  const auto count = static_cast<size_t>(parameters.count);
  std::vector<std::vector<InputRow>> rows(count);
  for (int32_t row = 0; !logits.empty(); logits = logits.subspan(count), ++row) {
    const std::vector<float> scores = scores_of(parameters, logits.first(count));
    std::vector<float> to_choose = scores;
    for (size_t i = 0; i < selection_bias.size(); ++i) to_choose[i] += selection_bias[i];
    for (const int32_t expert : choose_experts(parameters, to_choose)) {
      const auto number = static_cast<size_t>(expert);
      const float weight = parameters.weighs_inputs ? scores[number] * parameters.weight_scale : 1.0F;
      rows[number / static_cast<size_t>(parameters.sharing)].push_back({row, weight});
    }
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

void ObservedBackend::linear_by_head(Tensor x, const Weight& weight, Tensor out) {
  if (sums_.counts(weight)) {
    const std::vector<float> rows = read(x);
    const auto columns = static_cast<size_t>(weight.columns);
    for (size_t first = 0; first < rows.size(); first += columns) {
      const size_t head = first % static_cast<size_t>(x.columns) / columns;
      sums_.add(weight, head, std::span(rows).subspan(first, columns));
    }
  }
  device_.linear_by_head(x, weight, out);
}

void ObservedBackend::experts(const ExpertParameters& parameters, const ExpertWeights& weights, Tensor logits,
                              Tensor x, Tensor out) {
  if (x.rows > 0 && sums_.counts(weights.down.all)) observe_experts(parameters, weights, logits, x);
  device_.experts(parameters, weights, logits, x, out);
}

// The device keeps to itself which rows an expert gets, and what goes into its second product: both are
// computed here once more.
void ObservedBackend::observe_experts(const ExpertParameters& parameters, const ExpertWeights& weights,
                                      Tensor logits, Tensor x) {
  const std::array widths{x.columns, parameters.n_ff, parameters.n_ff};
  const uint64_t bytes = static_cast<uint64_t>(x.rows * Workspace::columns_of(widths)) * sizeof(float);
  const Result<Buffer> memory = device_.allocate(bytes);
  if (!memory.ok()) {
    return sums_.fail({memory.error().code,
                       fmt::format("no memory to observe {} rows of experts in ({} bytes)", x.rows, bytes)});
  }
  const auto [inputs, gates, hidden] = Workspace(*memory, x.rows).take(widths);
  std::vector<float> bias;
  if (weights.selection_bias) bias = read({weights.selection_bias.data, 1, parameters.count});
  const auto by_expert = rows_by_expert(parameters, read(logits), bias);
  for (int32_t expert = 0; expert < parameters.count; ++expert) {
    const std::vector<InputRow>& own = by_expert[static_cast<size_t>(expert)];
    if (own.empty() || !weights.lease({&expert, 1}) || !weights.bring(expert)) continue;
    std::vector<int32_t> rows;
    std::ranges::transform(own, std::back_inserter(rows), &InputRow::row);
    const auto own_rows = [&](Tensor all) { return all.slice_rows(0, std::ssize(own)); };
    device_.gather_rows(x, rows, own_rows(inputs));
    if (parameters.weighs_inputs) {
      std::vector<float> values = read(own_rows(inputs));
      for (size_t i = 0; i < values.size(); ++i) {
        values[i] *= own[i / static_cast<size_t>(x.columns)].weight;
      }
      put(values, own_rows(inputs));
    }
    observe_expert(expert, parameters, weights, own_rows(inputs), own_rows(gates), own_rows(hidden));
  }
  device_.release(*memory);
}

void ObservedBackend::observe_expert(int32_t expert, const ExpertParameters& parameters,
                                     const ExpertWeights& weights, Tensor inputs, Tensor gates,
                                     Tensor hidden) {
  const auto number = static_cast<size_t>(expert);
  const std::vector<float> rows = read(inputs);
  sums_.add(weights.up.all, number, rows);
  multiply_by_expert(weights.up, expert, inputs, hidden);
  if (weights.gate) {
    if (weights.gate.all.matrix != weights.up.all.matrix) sums_.add(weights.gate.all, number, rows);
    multiply_by_expert(weights.gate, expert, inputs, gates);
    device_.gate(parameters.activation, gates, hidden, hidden);
  } else {
    device_.activate(parameters.activation, hidden);
  }
  sums_.add(weights.down.all, number, read(hidden));
}

void ObservedBackend::multiply_by_expert(const ExpertMatrices& matrices, int32_t expert, Tensor inputs,
                                         Tensor products) {
  const Projection projection{matrices.of(expert, products.columns), {}, products};
  device_.linear(inputs, {&projection, 1});
  if (!matrices.scale && !matrices.bias) return;
  std::vector<float> values = read(products);
  if (matrices.scale) {
    const float scale = read({matrices.scale.slice(expert, 1).data, 1, 1}).front();
    for (float& value : values) value *= scale;
  }
  if (matrices.bias) {
    std::vector<float> bias(static_cast<size_t>(products.columns));
    std::vector<std::byte> blocks(static_cast<size_t>(matrices.bias.row_bytes()));
    device_.begin_read(matrices.bias.slice_rows(expert, 1).data, blocks);
    wait_for_reads();
    dequantize(matrices.bias.type, blocks, bias);
    for (size_t i = 0; i < values.size(); ++i) values[i] += bias[i % bias.size()];
  }
  put(values, products);
}

void ObservedBackend::put(std::span<const float> values, Tensor x) {
  device_.write(std::as_bytes(values), x.data);
}

std::vector<float> ObservedBackend::read(Tensor x) {
  std::vector<float> values(static_cast<size_t>(x.rows * x.columns));
  device_.begin_read(x.data, std::as_writable_bytes(std::span(values)));
  wait_for_reads();
  return values;
}

void ObservedBackend::wait_for_reads() {
  const Result<void> there = device_.wait();
  if (!there.ok()) sums_.fail(there.error());
}

}  // namespace hearth
