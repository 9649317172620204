// What remembers a sequence in a state of one size. Kernels go along all sequences of a batch at once.
#include <fmt/format.h>

#include <bit>
#include <initializer_list>
#include <span>
#include <string_view>
#include <vector>

#include "engine/compute/gpu/gpu_backend.h"
#include "engine/compute/gpu/rows_by_sequence.h"

namespace hearth::gpu {
namespace {

/// Of a group of all these kernels.
constexpr uint64_t kThreadsOfStates = 256;

/// Rows of a sequence that one thread convolves: few enough for a long text to be spread over the device, and
/// more than the first tokens of an answer are.
constexpr uint64_t kPieceRows = 16;

/// Numbers of a state that a thread holds (kernels/scan.wgsl, kernels/parts/recurrence/rows_of_state.wgsl),
/// and of a head that it goes over (kernels/finish_heads.wgsl), at most.
constexpr int64_t kHeld = 8;

/// How many neighbouring threads hold so many numbers: a power of two, so that groups are whole ones of them.
uint64_t lanes_for(int64_t numbers) {
  return std::bit_ceil(static_cast<uint64_t>((numbers + kHeld - 1) / kHeld));
}

/// Whether a group's threads hold as many. If not, it is told.
bool can_hold(Recorder& recorder, int64_t numbers) {
  constexpr int64_t kMost = kHeld * static_cast<int64_t>(kThreadsOfStates);
  if (numbers <= kMost) return true;
  recorder.fail(
      {ErrorCode::kUnsupported,
       fmt::format("a state with rows of {} numbers: on a GPU at most {}; use the CPU", numbers, kMost)});
  return false;
}

/// Groups for things that so many threads have together.
uint64_t groups_of_lanes(int64_t things, uint64_t lanes) {
  const uint64_t each = kThreadsOfStates / lanes;
  return (static_cast<uint64_t>(things) + each - 1) / each;
}

uint64_t words(uint64_t bytes) { return bytes / sizeof(float); }

/// A head's state, and how many there are.
struct HeadStates {
  int32_t n_head;
  int64_t keys, values;

  uint64_t bytes() const { return static_cast<uint64_t>(n_head * keys * values) * sizeof(float); }
};

/// Calls a kernel that uses recurrence/rows_of_state: with its parameters before those given, and behind the
/// inputs the state and what comes out.
void along_sequences(Recorder& recorder, std::string_view kernel, const HeadStates& heads,
                     const SlotStates& states, const BatchRows& rows, std::vector<Operand> operands,
                     std::initializer_list<Parameter> parameters, Tensor out) {
  if (!can_hold(recorder, heads.keys)) return;
  const RowsBySequence by_sequence = rows_by_sequence(recorder, rows);
  const uint64_t lanes = lanes_for(heads.keys);
  operands.push_back(states_of(by_sequence, states, heads.bytes()));
  operands.push_back(writes(out));
  std::vector<Parameter> all{heads.n_head,          heads.keys,
                             heads.values,          static_cast<uint32_t>(lanes),
                             by_sequence.sequences, static_cast<uint32_t>(words(states.stride))};
  all.insert(all.end(), parameters.begin(), parameters.end());
  recorder.call(
      {kernel,
       operands,
       all,
       {groups_of_lanes(heads.values, lanes), static_cast<uint64_t>(heads.n_head), by_sequence.count}});
}

/// `added` are the inputs of RWKV-7's bonus.
void finish_heads(Recorder& recorder, const GroupNorm& norm, int32_t n_head, int64_t head_dimension,
                  std::span<const Operand> added, Tensor out) {
  if (!can_hold(recorder, head_dimension)) return;
  const uint64_t lanes = lanes_for(head_dimension);
  const int64_t count = out.rows * n_head;
  std::vector<Operand> operands{writes(out), reads(norm.weight), reads(norm.bias)};
  operands.insert(operands.end(), added.begin(), added.end());
  operands.resize(9);  // the kernel's, of which the last are nowhere
  const Parameter parameters[] = {n_head, head_dimension, static_cast<uint32_t>(lanes), count, norm.epsilon};
  recorder.call({"finish_heads", operands, parameters, recorder.groups_for(groups_of_lanes(count, lanes))});
}

/// Without taps the first of so many rows.
void convolve_columns(Recorder& recorder, const Convolution& convolution, const SlotStates& states,
                      const BatchRows& rows, Tensor x, Tensor y) {
  const RowsBySequence by_sequence = rows_by_sequence(recorder, rows);
  const uint64_t pieces = (by_sequence.longest + kPieceRows - 1) / kPieceRows;
  const uint64_t groups = (static_cast<uint64_t>(x.columns) + kThreadsOfStates - 1) / kThreadsOfStates;
  const auto pass = [&](bool computes, bool remembers) {
    recorder.call("convolve",
                  {reads(x), reads(convolution.taps), reads(convolution.bias),
                   states_of(by_sequence, states, convolution.state_bytes(x.columns)), writes(y)},
                  {x.columns, convolution.count, static_cast<uint32_t>(kPieceRows), computes, remembers,
                   by_sequence.sequences, static_cast<uint32_t>(words(states.stride))},
                  {groups, computes ? pieces : 1, by_sequence.count});
  };
  pass(true, pieces == 1);
  if (pieces > 1) pass(false, true);
}

}  // namespace

void GpuBackend::convolve(const Convolution& convolution, const SlotStates& states, const BatchRows& rows,
                          Tensor x, Tensor y) {
  convolve_columns(recorder_, convolution, states, rows, x, y);
}

void GpuBackend::shift(const SlotStates& states, const BatchRows& rows, Tensor x, Tensor out) {
  convolve_columns(recorder_, {.count = 2, .taps = {}, .bias = {}}, states, rows, x, out);
}

void GpuBackend::scan(const SelectiveScan& scan, const SlotStates& states, const BatchRows& rows,
                      const ScanInputs& inputs, Tensor y) {
  if (!can_hold(recorder_, scan.n_state)) return;
  const RowsBySequence by_sequence = rows_by_sequence(recorder_, rows);
  const int64_t channels = inputs.x.columns;
  const uint64_t lanes = lanes_for(scan.n_state);
  recorder_.call(
      "scan",
      {reads(inputs.x), reads(inputs.step), reads(inputs.in), reads(inputs.out), reads(scan.decay),
       reads(scan.skip), states_of(by_sequence, states, scan.state_bytes(channels)), writes(y)},
      {channels, scan.n_state, scan.n_head, scan.n_group, scan.decay.size == scan.n_head,
       static_cast<uint32_t>(lanes), by_sequence.sequences, static_cast<uint32_t>(words(states.stride))},
      {groups_of_lanes(channels, lanes), by_sequence.count, 1});
}

void GpuBackend::delta_rule(const DeltaRule& rule, const SlotStates& states, const BatchRows& rows,
                            const DeltaRuleInputs& inputs, Tensor out) {
  along_sequences(
      recorder_, "delta_rule", {rule.n_head, rule.key_dimension, rule.value_dimension}, states, rows,
      {reads(inputs.q), reads(inputs.k), reads(inputs.v), reads(inputs.decay), reads(inputs.strength),
       reads(rule.decay_bias), reads(rule.decay_rate)},
      {rule.n_head_key, rule.neighbours_share_keys, inputs.decay.columns / rule.n_head, rule.epsilon}, out);
}

void GpuBackend::wkv6(const Wkv6& rule, const SlotStates& states, const BatchRows& rows,
                      const Wkv6Inputs& inputs, Tensor out) {
  along_sequences(recorder_, "wkv6", {rule.n_head, rule.head_dimension, rule.head_dimension}, states, rows,
                  {reads(inputs.r), reads(inputs.k), reads(inputs.v), reads(inputs.decay), reads(rule.bonus)},
                  {rule.n_head_kv}, out);
  if (rule.norm.weight) finish_heads(recorder_, rule.norm, rule.n_head, rule.head_dimension, {}, out);
}

void GpuBackend::wkv7(const Wkv7& rule, const SlotStates& states, const BatchRows& rows,
                      const Wkv7Inputs& inputs, Tensor out) {
  along_sequences(recorder_, "wkv7", {rule.n_head, rule.head_dimension, rule.head_dimension}, states, rows,
                  {reads(inputs.r), reads(inputs.k), reads(inputs.v), reads(inputs.decay), reads(inputs.a),
                   reads(rule.removal_key), reads(rule.replacement_key)},
                  {}, out);
  const Operand added[] = {
      reads(inputs.r),  reads(inputs.k), reads(inputs.v), reads(inputs.a), reads(rule.replacement_key),
      reads(rule.bonus)};
  finish_heads(recorder_, rule.norm, rule.n_head, rule.head_dimension, added, out);
}

}  // namespace hearth::gpu
