#include "engine/compute/cpu/experts.h"

#include <algorithm>
#include <array>
#include <numeric>
#include <span>
#include <utility>
#include <vector>

#include "engine/compute/cpu/elementwise.h"
#include "engine/compute/cpu/linear.h"
#include "engine/compute/host.h"

namespace hearth::cpu {
namespace {

/// A row's way through one expert. Visits are numbered expert by expert, so that an expert's inputs and
/// outputs lie side by side.
struct Choice {
  int32_t expert = 0;
  float weight = 0.0F;
  int64_t visit = 0;
};

/// The visits of one expert that at least one row chose.
struct BusyExpert {
  int32_t expert;
  int64_t first_visit;
  int64_t visit_count;

  /// This expert's rows of a tensor with a row for each visit.
  Tensor rows_of(Tensor visits) const { return visits.slice_rows(first_visit, visit_count); }
};

/// The row's best experts in order, with the weights of their results.
void choose(const ExpertParameters& parameters, const float* probabilities, std::span<Choice> choices) {
  std::vector<int32_t> order(static_cast<size_t>(parameters.count));
  std::iota(order.begin(), order.end(), 0);
  std::ranges::partial_sort(order, order.begin() + parameters.used, [&](int32_t a, int32_t b) {
    return probabilities[a] > probabilities[b] || (probabilities[a] == probabilities[b] && a < b);
  });
  float sum = 0.0F;
  for (size_t i = 0; i < choices.size(); ++i) {
    choices[i].expert = order[i];
    choices[i].weight = probabilities[order[i]];
    sum += choices[i].weight;
  }
  if (!parameters.normalize_weights) return;
  for (Choice& choice : choices) choice.weight /= sum;
}

/// Numbers the visits and lists the experts that have any.
std::vector<BusyExpert> group_by_expert(int32_t expert_count, std::span<Choice> choices) {
  std::vector<int64_t> visits(static_cast<size_t>(expert_count), 0);
  for (const Choice& choice : choices) ++visits[static_cast<size_t>(choice.expert)];
  std::vector<BusyExpert> busy;
  int64_t next = 0;
  for (int32_t expert = 0; expert < expert_count; ++expert) {
    int64_t& count = visits[static_cast<size_t>(expert)];
    if (count > 0) busy.push_back({expert, next, count});
    next += std::exchange(count, next);  // from here on: the expert's next visit
  }
  for (Choice& choice : choices) choice.visit = visits[static_cast<size_t>(choice.expert)]++;
  return busy;
}

/// One call of experts.
class ExpertLayer {
 public:
  ExpertLayer(Context& context, const ExpertParameters& parameters, const ExpertWeights& weights, Tensor x,
              Tensor out);
  void run();

 private:
  void route();
  void gather();
  void multiply_hidden();
  void multiply_hidden_with_added();
  /// What each expert's matrix of `all`, of as many rows as `to` has columns, makes of its visits.
  void multiply(const Weight& all, std::span<const LowRankProduct> added, Tensor visits, Tensor to);
  /// Adds to `to` what low-rank products with matrix `index` make of `from`.
  void add_products(std::span<const LowRankProduct> added, int64_t index, Tensor from, Tensor to);
  void add_up();
  /// Every busy expert's rows of `visits`, in the forms that weights of these types want.
  void prepare(Tensor visits, std::span<const BlockType> weight_types);

  /// Calls task(busy expert, first output, output count, thread) over all outputs of every busy expert.
  template <typename Task>
  void share_out(int64_t outputs, const Task& task);

  Context& context_;
  const ExpertParameters& parameters_;
  const ExpertWeights& weights_;
  Tensor x_;
  Tensor out_;
  Tensor router_;  // [rows, count]
  Tensor visits_;  // [rows * used, n_embd]: what goes into the experts, later what comes out
  Tensor hidden_;  // [rows * used, n_ff]
  Scratch added_;  // for what is added to products
  std::vector<Choice> choices_;
  std::vector<BusyExpert> busy_;
};

ExpertLayer::ExpertLayer(Context& context, const ExpertParameters& parameters, const ExpertWeights& weights,
                         Tensor x, Tensor out)
    : context_(context),
      parameters_(parameters),
      weights_(weights),
      x_(x),
      out_(out),
      choices_(static_cast<size_t>(x.rows * parameters.used)) {
  const int64_t visits = x.rows * parameters.used;
  float* const memory =
      context.shared.floats(x.rows * parameters.count + visits * (x.columns + parameters.n_ff));
  router_ = tensor_at(memory, x.rows, parameters.count);
  visits_ = tensor_at(memory + x.rows * parameters.count, visits, x.columns);
  hidden_ = tensor_at(floats_of(visits_) + visits * x.columns, visits, parameters.n_ff);
}

void ExpertLayer::run() {
  route();
  gather();
  multiply_hidden();
  multiply(weights_.down, weights_.down_added, hidden_, visits_);
  add_up();
}

void ExpertLayer::route() {
  const Projection projection{weights_.router, {}, router_};
  linear(context_, x_, {&projection, 1});
  add_products(weights_.router_added, 0, x_, router_);
  const auto used = static_cast<size_t>(parameters_.used);
  for (int64_t r = 0; r < x_.rows; ++r) {
    float* const probabilities = floats_of(router_) + r * router_.columns;
    context_.vector.softmax(parameters_.count, probabilities);
    choose(parameters_, probabilities, std::span(choices_).subspan(static_cast<size_t>(r) * used, used));
  }
  busy_ = group_by_expert(parameters_.count, choices_);
}

void ExpertLayer::gather() {
  parallel_for(context_, visits_.rows, x_.columns, [&](int64_t choice, int) {
    std::copy_n(floats_of(x_) + choice / parameters_.used * x_.columns, x_.columns,
                floats_of(visits_) + choices_[static_cast<size_t>(choice)].visit * x_.columns);
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
  std::vector<PreparedForms>& inputs = context_.expert_inputs;
  while (inputs.size() < busy_.size()) inputs.emplace_back(context_.matrix);
  for (size_t i = 0; i < busy_.size(); ++i) inputs[i].begin(busy_[i].rows_of(visits), weight_types);
  const auto experts = static_cast<int64_t>(busy_.size());
  parallel_for(context_, experts, visits.rows / experts * visits.columns, [&](int64_t index, int) {
    const auto i = static_cast<size_t>(index);
    inputs[i].prepare_rows(busy_[i].rows_of(visits), 0, busy_[i].visit_count);
  });
}

void ExpertLayer::multiply_hidden() {
  if (!weights_.gate_added.empty() || !weights_.up_added.empty()) return multiply_hidden_with_added();
  const auto matrix_of = [&](const Weight& all, const BusyExpert& busy) {
    return all.slice_rows(busy.expert * parameters_.n_ff, parameters_.n_ff);
  };
  if (!weights_.gate) {
    multiply(weights_.up, {}, visits_, hidden_);
    activate(context_, parameters_.activation, hidden_);
    return;
  }
  prepare(visits_, std::array{weights_.gate.type, weights_.up.type});
  share_out(parameters_.n_ff, [&](size_t i, int64_t first, int64_t count, int thread) {
    multiply_gated(context_, matrix_of(weights_.gate, busy_[i]), matrix_of(weights_.up, busy_[i]),
                   parameters_.activation, context_.expert_inputs[i], first, count, busy_[i].rows_of(hidden_),
                   thread);
  });
}

void ExpertLayer::multiply_hidden_with_added() {
  multiply(weights_.up, weights_.up_added, visits_, hidden_);
  if (!weights_.gate) return activate(context_, parameters_.activation, hidden_);
  Scratch memory;
  const Tensor gates =
      tensor_at(memory.floats(hidden_.rows * hidden_.columns), hidden_.rows, hidden_.columns);
  multiply(weights_.gate, weights_.gate_added, visits_, gates);
  gate(context_, parameters_.activation, gates, hidden_, hidden_);
}

void ExpertLayer::multiply(const Weight& all, std::span<const LowRankProduct> added, Tensor visits,
                           Tensor to) {
  prepare(visits, std::array{all.type});
  share_out(to.columns, [&](size_t i, int64_t first, int64_t count, int thread) {
    const Weight own = all.slice_rows(busy_[i].expert * to.columns, to.columns);
    context_.matrix.multiply(own, context_.expert_inputs[i].for_weight(own.type), first, count,
                             busy_[i].rows_of(to), context_.scratch(thread).panel);
  });
  for (const BusyExpert& busy : busy_)
    add_products(added, busy.expert, busy.rows_of(visits), busy.rows_of(to));
}

void ExpertLayer::add_products(std::span<const LowRankProduct> added, int64_t index, Tensor from, Tensor to) {
  for (const auto& [down, up, scale] : added) {
    const int64_t rank = up.columns;
    float* const memory = added_.floats(from.rows * (rank + to.columns));
    const Tensor narrow = tensor_at(memory, from.rows, rank);
    const Tensor wide = tensor_at(memory + from.rows * rank, from.rows, to.columns);
    const Projection in{down.slice_rows(index * rank, rank), {}, narrow};
    linear(context_, from, {&in, 1});
    const Projection out{up.slice_rows(index * to.columns, to.columns), {}, wide};
    linear(context_, narrow, {&out, 1});
    add_scaled(context_, to, wide, scale);
  }
}

void ExpertLayer::add_up() {
  parallel_for(context_, x_.rows, parameters_.used * x_.columns, [&](int64_t r, int) {
    float* const row = floats_of(out_) + r * out_.columns;
    std::fill_n(row, out_.columns, 0.0F);
    for (int64_t i = 0; i < parameters_.used; ++i) {
      const Choice& choice = choices_[static_cast<size_t>(r * parameters_.used + i)];
      context_.vector.combine(1.0F, floats_of(visits_) + choice.visit * visits_.columns, choice.weight,
                              out_.columns, row);
    }
  });
}

}  // namespace

void experts(Context& context, const ExpertParameters& parameters, const ExpertWeights& weights, Tensor x,
             Tensor out) {
  if (x.rows > 0) ExpertLayer(context, parameters, weights, x, out).run();
}

}  // namespace hearth::cpu
