#include "engine/compute/cpu/experts.h"

#include <algorithm>
#include <array>
#include <iterator>
#include <span>
#include <utility>
#include <vector>

#include "engine/compute/cpu/elementwise.h"
#include "engine/compute/cpu/expert_routes.h"
#include "engine/compute/cpu/linear.h"
#include "engine/compute/host.h"
#include "engine/format/dequantize.h"

namespace hearth::cpu {
namespace {

/// One call of experts.
class ExpertLayer {
 public:
  ExpertLayer(Context& context, const ExpertParameters& parameters, const ExpertWeights& weights,
              ExpertRoutes routes, Tensor x, Tensor out);
  void run();

 private:
  void gather();
  /// Computes with these, for which there is room at once: first with those that are there, while the others
  /// are being read. False where one could not be.
  bool multiply_leased(std::span<const BusyExpert> experts);
  /// The same with these, which are there.
  void multiply_all(std::span<const BusyExpert> experts);
  void multiply_hidden();
  void multiply_gated_hidden();
  /// What each expert's matrix, of as many rows as `to` has columns, makes of its visits.
  void multiply(const ExpertMatrices& matrices, Tensor visits, Tensor to);
  /// Adds to `to` what low-rank products with an expert's matrix make of `from`.
  void add_products(const ExpertMatrices& matrices, int32_t expert, Tensor from, Tensor to);
  void scale(Vector scales, Tensor to);
  void add_biases(const Weight& biases, Tensor to);
  void add_up();
  /// Every busy expert's rows of `visits`, in the forms that weights of these types want.
  void prepare(Tensor visits, std::span<const BlockType> weight_types);

  /// The rows of all of them, which lie side by side.
  Tensor busy_rows_of(Tensor visits) const {
    const int64_t first = busy_.front().first_visit;
    return visits.slice_rows(first, busy_.back().first_visit + busy_.back().visit_count - first);
  }

  /// Calls task(busy expert, first output, output count, thread) over all outputs of every busy expert.
  template <typename Task>
  void share_out(int64_t outputs, const Task& task);

  Context& context_;
  const ExpertParameters& parameters_;
  const ExpertWeights& weights_;
  const ExpertRoutes routes_;
  std::span<const BusyExpert> busy_;  // those that are computed with now
  Tensor x_;
  Tensor out_;
  Tensor visits_;  // [rows * used, n_embd]: what goes into the experts, later what comes out
  Tensor hidden_;  // [rows * used, n_ff]
  Scratch gates_;  // where gates are not multiplied at once
  Scratch added_;  // for what is added to products
};

ExpertLayer::ExpertLayer(Context& context, const ExpertParameters& parameters, const ExpertWeights& weights,
                         ExpertRoutes routes, Tensor x, Tensor out)
    : context_(context),
      parameters_(parameters),
      weights_(weights),
      routes_(std::move(routes)),
      x_(x),
      out_(out) {
  const int64_t visits = x.rows * parameters.used;
  float* const memory = context.shared.floats(visits * (x.columns + parameters.n_ff));
  visits_ = tensor_at(memory, visits, x.columns);
  hidden_ = tensor_at(memory + visits * x.columns, visits, parameters.n_ff);
}

void ExpertLayer::run() {
  gather();
  const std::span<const BusyExpert> all = routes_.busy;
  const auto room = static_cast<size_t>(weights_.room());
  for (size_t first = 0; first < all.size(); first += room) {
    if (!multiply_leased(all.subspan(first, std::min(room, all.size() - first))))
      break;  // the store knows why
  }
  add_up();
}

bool ExpertLayer::multiply_leased(std::span<const BusyExpert> experts) {
  std::vector<int32_t> numbers;
  std::ranges::transform(experts, std::back_inserter(numbers), &BusyExpert::expert);
  if (!weights_.lease(numbers)) return false;
  const auto is_there = [&](const BusyExpert& busy) { return weights_.has(busy.expert); };
  std::vector<const BusyExpert*> coming;
  for (auto first = experts.begin(); first != experts.end();) {
    const auto end = std::find_if_not(first, experts.end(), is_there);
    if (end != first) multiply_all({first, end});
    first = end;
    for (; first != experts.end() && !is_there(*first); ++first) coming.push_back(&*first);
  }
  // In the order in which they were asked for; sums are the same in any.
  return std::ranges::all_of(coming, [&](const BusyExpert* busy) {
    if (!weights_.bring(busy->expert)) return false;
    multiply_all({busy, 1});
    return true;
  });
}

void ExpertLayer::multiply_all(std::span<const BusyExpert> experts) {
  busy_ = experts;
  multiply_hidden();
  multiply(weights_.down, hidden_, visits_);
}

void ExpertLayer::gather() {
  parallel_for(context_, visits_.rows, x_.columns, [&](int64_t index, int) {
    const ExpertVisit& visit = routes_.visits[static_cast<size_t>(index)];
    float* const to = floats_of(visits_) + visit.visit * visits_.columns;
    std::copy_n(floats_of(x_) + index / parameters_.used * x_.columns, x_.columns, to);
    if (parameters_.weighs_inputs) context_.vector.scale(visit.weight, x_.columns, to);
  });
}

template <typename Task>
void ExpertLayer::share_out(int64_t outputs, const Task& task) {
  const auto experts = static_cast<int64_t>(busy_.size());
  const int64_t rows = std::max<int64_t>(1, visits_.rows / experts);
  const int64_t step = outputs_per_task(context_, rows, outputs * experts);
  const int64_t steps = (outputs + step - 1) / step;
  context_.pool.run(experts * steps, [&](int64_t index, int thread) {
    const auto expert = static_cast<size_t>(index / steps);
    const int64_t first = index % steps * step;
    task(expert, first, std::min(step, outputs - first), thread);
  });
}

void ExpertLayer::prepare(Tensor visits, std::span<const BlockType> weight_types) {
  const std::span<const BusyExpert> busy = busy_;
  std::vector<PreparedForms>& inputs = context_.expert_inputs;
  while (inputs.size() < busy.size()) inputs.emplace_back(context_.matrix);
  for (size_t i = 0; i < busy.size(); ++i) inputs[i].begin(busy[i].rows_of(visits), weight_types);
  const auto experts = static_cast<int64_t>(busy.size());
  parallel_for(context_, experts, visits.rows / experts * visits.columns, [&](int64_t index, int) {
    const auto i = static_cast<size_t>(index);
    inputs[i].prepare_rows(busy[i].rows_of(visits), 0, busy[i].visit_count);
  });
}

void ExpertLayer::multiply_hidden() {
  if (!weights_.gate) {
    multiply(weights_.up, visits_, hidden_);
    activate(context_, parameters_.activation, busy_rows_of(hidden_));
    return;
  }
  if (!weights_.gate.is_plain() || !weights_.up.is_plain()) return multiply_gated_hidden();
  prepare(visits_, std::array{weights_.gate.all.type, weights_.up.all.type});
  share_out(parameters_.n_ff, [&](size_t i, int64_t first, int64_t count, int thread) {
    const BusyExpert& busy = busy_[i];
    multiply_gated(context_, weights_.gate.of(busy.expert, parameters_.n_ff),
                   weights_.up.of(busy.expert, parameters_.n_ff), parameters_.activation,
                   context_.expert_inputs[i], first, count, busy.rows_of(hidden_), thread);
  });
}

void ExpertLayer::multiply_gated_hidden() {
  multiply(weights_.up, visits_, hidden_);
  const Tensor gates =
      tensor_at(gates_.floats(hidden_.rows * hidden_.columns), hidden_.rows, hidden_.columns);
  multiply(weights_.gate, visits_, gates);
  gate(context_, parameters_.activation, busy_rows_of(gates), busy_rows_of(hidden_), busy_rows_of(hidden_));
}

void ExpertLayer::multiply(const ExpertMatrices& matrices, Tensor visits, Tensor to) {
  prepare(visits, std::array{matrices.all.type});
  share_out(to.columns, [&](size_t i, int64_t first, int64_t count, int thread) {
    const BusyExpert& busy = busy_[i];
    const Weight own = matrices.of(busy.expert, to.columns);
    context_.matrix.multiply(own, context_.expert_inputs[i].for_weight(own.type), first, count,
                             busy.rows_of(to), context_.scratch(thread).panel);
  });
  if (matrices.scale) scale(matrices.scale, to);
  for (const BusyExpert& busy : busy_) {
    add_products(matrices, busy.expert, busy.rows_of(visits), busy.rows_of(to));
  }
  if (matrices.bias) add_biases(matrices.bias, to);
}

void ExpertLayer::add_products(const ExpertMatrices& matrices, int32_t expert, Tensor from, Tensor to) {
  for (const auto& [down, up, scale] : matrices.added) {
    const int64_t rank = up.columns;
    float* const memory = added_.floats(from.rows * (rank + to.columns));
    const Tensor narrow = tensor_at(memory, from.rows, rank);
    const Tensor wide = tensor_at(memory + from.rows * rank, from.rows, to.columns);
    const Projection in{down.slice_rows(expert * rank, rank), {}, narrow};
    linear(context_, from, {&in, 1});
    const Projection out{up.slice_rows(matrices.row_of(expert), to.columns), {}, wide};
    linear(context_, narrow, {&out, 1});
    add_scaled(context_, to, wide, scale);
  }
}

void ExpertLayer::scale(Vector scales, Tensor to) {
  for (const BusyExpert& busy : busy_) {
    const Tensor rows = busy.rows_of(to);
    context_.vector.scale(floats_of(scales)[busy.expert], rows.rows * rows.columns, floats_of(rows));
  }
}

void ExpertLayer::add_biases(const Weight& biases, Tensor to) {
  const auto experts = static_cast<int64_t>(busy_.size());
  parallel_for(context_, experts, visits_.rows / experts * to.columns, [&](int64_t index, int thread) {
    const BusyExpert& busy = busy_[static_cast<size_t>(index)];
    const std::span<float> bias(context_.scratch(thread).floats.floats(to.columns),
                                static_cast<size_t>(to.columns));
    const auto row_bytes = static_cast<size_t>(biases.row_bytes());
    dequantize(biases.type, {blocks_of(biases.slice_rows(busy.expert, 1)), row_bytes}, bias);
    const Tensor rows = busy.rows_of(to);
    for (int64_t r = 0; r < rows.rows; ++r) {
      context_.vector.add(bias.data(), rows.columns, floats_of(rows) + r * rows.columns);
    }
  });
}

void ExpertLayer::add_up() {
  parallel_for(context_, x_.rows, parameters_.used * x_.columns, [&](int64_t r, int) {
    float* const row = floats_of(out_) + r * out_.columns;
    std::fill_n(row, out_.columns, 0.0F);
    for (int64_t i = 0; i < parameters_.used; ++i) {
      const ExpertVisit& visit = routes_.visits[static_cast<size_t>(r * parameters_.used + i)];
      context_.vector.combine(1.0F, floats_of(visits_) + visit.visit * visits_.columns,
                              parameters_.weighs_inputs ? 1.0F : visit.weight, out_.columns, row);
    }
  });
}

}  // namespace

void experts(Context& context, const ExpertParameters& parameters, const ExpertWeights& weights,
             Tensor logits, Tensor x, Tensor out) {
  if (x.rows == 0) return;
  ExpertRoutes routes = route(context, parameters, weights.selection_bias, logits);
  ExpertLayer(context, parameters, weights, std::move(routes), x, out).run();
}

}  // namespace hearth::cpu
