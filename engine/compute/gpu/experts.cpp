// Mixtures of experts: which ones a row goes through is decided on the device, and read there alone.
#include <fmt/format.h>

#include <algorithm>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "engine/compute/gpu/activation.h"
#include "engine/compute/gpu/gpu_backend.h"
#include "engine/compute/gpu/weight_kernels.h"

namespace hearth::gpu {
namespace {

/// What choose_experts.wgsl has room for in a group's memory.
constexpr int32_t kMostExperts = 1024;
constexpr int32_t kMostUsedExperts = 256;
constexpr int32_t kMostExpertGroups = 256;

/// Of what is between the products of a batch, which is computed in parts where it would take more.
constexpr uint64_t kMostScratch = 128 << 20;

constexpr int64_t kFloatBytes = sizeof(float);

/// Pairs of a row and an expert that are multiplied as a tile (sort_experts.wgsl).
constexpr int64_t kPairTile = 64;

/// How many pairs an expert must have on average to be multiplied in tiles: those cost as much however few
/// pairs are in them, some 125 instructions for each weight, which one pair alone takes in six (of codes
/// about half as many of both).
constexpr int64_t kFilledTile = 20;

/// Outputs of a group of expert_vector.wgsl, of floats and of codes, and of expert_matrix.wgsl.
constexpr int64_t kVectorOutputs = 4;
constexpr int64_t kCodedOutputs = 16;
constexpr int64_t kTileOutputs = 64;

int64_t parts_of(int64_t count, int64_t each) { return (count + each - 1) / each; }

/// What is done with the last product of a matrix (kernels/parts/experts/pairs.wgsl).
struct PairEnding {
  Then then = Then::kWrite;
  Tensor opened = {};
  Activation activation = {};
};

/// A product of every pair with its expert's matrix of `outputs` rows, of those in `all`.
struct PairProduct {
  Weight all;
  int64_t stride;  // rows of one expert, and which of them is the first
  int64_t first_row;
  int64_t outputs;
  float scale = 1.0F;
  Vector scales = {};  // beside that, of each expert
  Operand biases = {};
  bool weighs = false;  // by how much the expert weighs
  bool adds = false;    // to what out holds
};

/// The pairs of a part of a batch, and memory for what becomes of them.
class ExpertPairs {
 public:
  /// `memory`: as many bytes as they take.
  ExpertPairs(Recorder& recorder, WeightOperands& weights, Buffer memory, const ExpertParameters& parameters,
              const ExpertWeights& experts, Tensor logits, Tensor x, Tensor out)
      : recorder_(recorder),
        weights_(weights),
        parameters_(parameters),
        experts_(experts),
        logits_(logits),
        x_(x),
        out_(out),
        pairs_(x.rows * parameters.used),
        memory_(memory) {}

  /// What they take for so many rows.
  static uint64_t bytes(const ExpertParameters& parameters, const ExpertWeights& experts, Tensor x);

  void record();

 private:
  static int64_t matrices(const ExpertParameters& parameters) {
    return parts_of(parameters.count, parameters.sharing);
  }
  static int64_t most_tiles(const ExpertParameters& parameters, int64_t pairs) {
    return parts_of(pairs, kPairTile) + matrices(parameters);
  }
  static int64_t route_words(const ExpertParameters& parameters, int64_t pairs);
  static int64_t most_rank(const ExpertWeights& experts);
  static int64_t bias_floats(const ExpertMatrices& matrices);

  bool in_tiles() const { return pairs_ > kFilledTile * matrices(parameters_); }
  Tensor take(int64_t rows, int64_t columns);
  void choose();
  void multiply(const ExpertMatrices& matrices, Tensor in, bool weighs, const PairEnding& ending, Tensor out);
  void multiply(const PairProduct& product, Tensor in, const PairEnding& ending, Tensor out);
  Operand biases_of(const ExpertMatrices& matrices);
  void mix(Tensor outputs);

  Recorder& recorder_;
  WeightOperands& weights_;
  const ExpertParameters& parameters_;
  const ExpertWeights& experts_;
  Tensor logits_, x_, out_;
  int64_t pairs_;
  Buffer memory_;  // what is left of it
  Operand routes_;
  Tensor narrow_;
};

int64_t ExpertPairs::route_words(const ExpertParameters& parameters, int64_t pairs) {
  return 3 * pairs + 1 + 3 * most_tiles(parameters, pairs);
}

int64_t ExpertPairs::most_rank(const ExpertWeights& experts) {
  int64_t most = 0;
  for (const ExpertMatrices* matrices : {&experts.gate, &experts.up, &experts.down}) {
    for (const LowRankProduct& added : matrices->added) most = std::max(most, added.up.columns);
  }
  return most;
}

/// Where they are none, and have to become some.
int64_t ExpertPairs::bias_floats(const ExpertMatrices& matrices) {
  const Weight& bias = matrices.bias;
  return bias && bias.type != BlockType::kF32 ? bias.rows * bias.columns : 0;
}

uint64_t ExpertPairs::bytes(const ExpertParameters& parameters, const ExpertWeights& experts, Tensor x) {
  const int64_t pairs = x.rows * parameters.used;
  int64_t floats = route_words(parameters, pairs);
  floats += pairs * (2 * parameters.n_ff + x.columns + most_rank(experts));
  floats += bias_floats(experts.gate) + bias_floats(experts.up) + bias_floats(experts.down);
  return static_cast<uint64_t>(floats * kFloatBytes);
}

Tensor ExpertPairs::take(int64_t rows, int64_t columns) {
  const Tensor taken{memory_, rows, columns};
  memory_ = memory_.at(taken.bytes());
  return taken;
}

void ExpertPairs::record() {
  choose();
  const bool weighs_inputs = parameters_.weighs_inputs;
  const Activation& activation = parameters_.activation;
  narrow_ = take(pairs_, most_rank(experts_));
  const Tensor outputs = take(pairs_, x_.columns);
  Tensor hidden = take(pairs_, parameters_.n_ff);
  if (experts_.gate) {
    const Tensor ups = hidden;
    // What is added to the gates goes by way of them.
    if (!experts_.gate.added.empty()) hidden = take(pairs_, parameters_.n_ff);
    multiply(experts_.up, x_, weighs_inputs, {}, ups);
    multiply(experts_.gate, x_, weighs_inputs, {Then::kOpen, ups, activation}, hidden);
  } else {
    multiply(experts_.up, x_, weighs_inputs, {Then::kActivate, {}, activation}, hidden);
  }
  multiply(experts_.down, hidden, false, {}, outputs);
  mix(outputs);
}

void ExpertPairs::choose() {
  const Tensor routes = take(1, route_words(parameters_, pairs_));
  routes_ = writes(routes);
  recorder_.call("choose_experts", {reads(logits_), reads(experts_.selection_bias), routes_},
                 {x_.rows, parameters_.count, parameters_.used, static_cast<uint32_t>(parameters_.gating),
                  parameters_.groups, parameters_.groups_used, parameters_.normalize_weights,
                  parameters_.weight_scale, parameters_.sharing},
                 recorder_.groups_for(static_cast<uint64_t>(x_.rows)));
  if (in_tiles()) {
    recorder_.call("sort_experts", {routes_},
                   {pairs_, matrices(parameters_), most_tiles(parameters_, pairs_)}, {1, 1, 1});
  }
  routes_ = reads(routes);
}

void ExpertPairs::multiply(const ExpertMatrices& matrices, Tensor in, bool weighs, const PairEnding& ending,
                           Tensor out) {
  PairProduct product{.all = weights_.prepare(matrices.all),
                      .stride = matrices.stride,
                      .first_row = matrices.first_row,
                      .outputs = out.columns,
                      .scales = matrices.scale,
                      .weighs = weighs};
  const Operand biases = biases_of(matrices);
  if (matrices.added.empty()) product.biases = biases;
  multiply(product, in, matrices.added.empty() ? ending : PairEnding{}, out);
  for (const LowRankProduct& added : matrices.added) {
    const bool is_last = &added == &matrices.added.back();
    const int64_t rank = added.up.columns;
    const Tensor narrow{narrow_.data, pairs_, rank};
    multiply({.all = weights_.prepare(added.down), .stride = rank, .first_row = 0, .outputs = rank}, in, {},
             narrow);
    multiply({.all = weights_.prepare(added.up),
              .stride = matrices.stride,
              .first_row = matrices.first_row,
              .outputs = out.columns,
              .scale = added.scale,
              .biases = is_last ? biases : Operand{},
              .weighs = weighs,
              .adds = true},
             narrow, is_last ? ending : PairEnding{}, out);
  }
}

// Experts are bound as many at once as a kernel sees of a block; pairs with others are left to the next call.
void ExpertPairs::multiply(const PairProduct& product, Tensor in, const PairEnding& ending, Tensor out) {
  const bool tiles = in_tiles();
  const int64_t expert_bytes = product.stride * product.all.row_bytes();
  const DeviceProperties& device = recorder_.device();
  const BlockType type = product.all.type;
  const int64_t few_outputs = multiplies_codes(device, type) ? kCodedOutputs : kVectorOutputs;
  const int64_t groups = parts_of(product.outputs, tiles ? kTileOutputs : few_outputs);
  const int64_t most = most_tiles(parameters_, pairs_);
  const std::string options = product_options(device, type);
  const std::string kernel = tiles ? "expert_matrix/" + options : "expert_vector/" + options + ",rows=1";
  for (int64_t first = 0, count = 0; first < matrices(parameters_); first += count) {
    const Buffer from = product.all.slice_rows(first * product.stride, 0).data;
    const int64_t most_here = static_cast<int64_t>(recorder_.largest_operand(from)) / expert_bytes;
    count = std::clamp<int64_t>(most_here, 1, matrices(parameters_) - first);
    const Weight here = product.all.slice_rows(first * product.stride, count * product.stride);
    const std::array operands{reads(in),
                              reads(here),
                              weights_.grid(here.type),
                              product.biases,
                              reads(product.scales),
                              routes_,
                              reads(ending.opened),
                              writes(out)};
    std::vector<Parameter> parameters{here.columns,
                                      product.outputs,
                                      here.row_bytes(),
                                      product.stride,
                                      product.first_row,
                                      first,
                                      count,
                                      groups,
                                      pairs_,
                                      most,
                                      pairs_ / in.rows,
                                      product.weighs,
                                      product.adds,
                                      product.scale,
                                      static_cast<uint32_t>(ending.then)};
    for (const Parameter& parameter : parameters_of(ending.activation)) parameters.push_back(parameter);
    recorder_.call({kernel, operands, parameters,
                    recorder_.groups_for(static_cast<uint64_t>(groups * (tiles ? most : pairs_)))});
  }
}

Operand ExpertPairs::biases_of(const ExpertMatrices& matrices) {
  const Weight& bias = matrices.bias;
  if (!bias) return {};
  if (bias.type == BlockType::kF32) return reads(Tensor{bias.data, bias.rows, bias.columns});
  const Tensor floats = take(bias.rows, bias.columns);
  std::vector<uint32_t> pairs;
  for (uint32_t row = 0; row < static_cast<uint32_t>(bias.rows); ++row) pairs.insert(pairs.end(), {row, row});
  weights_.embed(bias, pairs, 1.0F, floats);
  return reads(floats);
}

void ExpertPairs::mix(Tensor outputs) {
  const int64_t count = out_.rows * out_.columns;
  recorder_.call("mix_experts", {reads(outputs), routes_, writes(out_)},
                 {count, out_.columns, parameters_.used, pairs_, !parameters_.weighs_inputs},
                 recorder_.groups_for(static_cast<uint64_t>(count), 256));
}

}  // namespace

void GpuBackend::experts(const ExpertParameters& parameters, const ExpertWeights& weights, Tensor logits,
                         Tensor x, Tensor out) {
  if (parameters.count > kMostExperts || parameters.used > kMostUsedExperts ||
      parameters.groups > kMostExpertGroups) {
    recorder_.fail({ErrorCode::kUnsupported,
                    fmt::format("{} of {} experts in {} groups: on a GPU at most {} of {} in {}; use the CPU",
                                parameters.used, parameters.count, parameters.groups, kMostUsedExperts,
                                kMostExperts, kMostExpertGroups)});
    return;
  }
  const uint64_t most = std::min(kMostScratch, recorder_.largest_operand());
  const uint64_t row_bytes = ExpertPairs::bytes(parameters, weights, x.slice_rows(0, 1));
  const auto at_once = static_cast<int64_t>(std::max<uint64_t>(1, most / row_bytes));
  for (int64_t first = 0; first < x.rows; first += at_once) {
    const int64_t count = std::min(at_once, x.rows - first);
    const Tensor rows = x.slice_rows(first, count);
    const Buffer memory = scratch(ExpertPairs::bytes(parameters, weights, rows));
    if (!memory) return;
    ExpertPairs(recorder_, weights_, memory, parameters, weights, logits.slice_rows(first, count), rows,
                out.slice_rows(first, count))
        .record();
  }
  weights_.release_copies();
}

}  // namespace hearth::gpu
