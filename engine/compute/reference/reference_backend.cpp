#include "engine/compute/reference/reference_backend.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>
#include <vector>

#include "engine/compute/devices.h"
#include "engine/compute/reference/device.h"
#include "engine/compute/reference/memory.h"
#include "engine/compute/reference/operations.h"
#include "engine/compute/weights/device_weights.h"

namespace hearth::reference {
namespace {

/// Few, so that a step of the smallest model takes many calls of `ready`.
constexpr int kOperationsPerCall = 4;

/// As f32, f16 and the scales of blocks this is NaN.
constexpr std::byte kNoNumber{0xFF};

template <typename T>
std::vector<T> copy_of(std::span<const T> values) {
  return {values.begin(), values.end()};
}

}  // namespace

std::string ReferenceBackend::description() const { return "reference (plain loops, for tests)"; }

Result<Buffer> ReferenceBackend::allocate(uint64_t bytes, std::byte fill) {
  if (const Buffer buffer = allocate_block(bytes, fill)) return buffer;
  return Error{ErrorCode::kOutOfMemory, fmt::format("no memory for {} bytes", bytes)};
}

Result<Buffer> ReferenceBackend::allocate(uint64_t bytes) { return allocate(bytes, kNoNumber); }

Result<Buffer> ReferenceBackend::allocate_zeroed(uint64_t bytes) { return allocate(bytes, std::byte{0}); }

void ReferenceBackend::release(Buffer buffer) {
  // The block is the operation's, which does nothing else, and goes with it: when its turn comes, or with the
  // backend.
  later([block = release_block(buffer)] {});
}

void ReferenceBackend::write(std::span<const std::byte> from, Buffer to) {
  later([from = copy_of(from), to] { std::ranges::copy(from, bytes_at(to, from.size()).begin()); });
}

void ReferenceBackend::copy(Buffer from, Buffer to, uint64_t bytes) {
  later([=] { std::ranges::copy(bytes_at(from, bytes), bytes_at(to, bytes).begin()); });
}

void ReferenceBackend::begin_read(Buffer from, std::span<std::byte> into) {
  later([=] { std::ranges::copy(bytes_at(from, into.size()), into.begin()); });
}

void ReferenceBackend::run_next() {
  asked_for_.front()();
  asked_for_.pop_front();
}

Result<bool> ReferenceBackend::ready() {
  if (asked_for_.empty()) return true;
  for (int i = 0; i < kOperationsPerCall && !asked_for_.empty(); ++i) run_next();
  return false;
}

Result<void> ReferenceBackend::wait() {
  while (!asked_for_.empty()) run_next();
  return {};
}

Result<std::unique_ptr<WeightStore>> ReferenceBackend::make_weight_store(const WeightPlan& plan) {
  return make_device_weights(*this, plan);
}

void ReferenceBackend::embed(const Weight& table, std::span<const int32_t> tokens, float scale, Tensor out) {
  later([=, tokens = copy_of(tokens)] { reference::embed(table, tokens, scale, out); });
}

void ReferenceBackend::norm(NormKind kind, Tensor x, Vector weight, Vector bias, float epsilon, Tensor out) {
  later([=] { reference::norm(kind, x, weight, bias, epsilon, out); });
}

void ReferenceBackend::multiply(Tensor x, Vector by) {
  later([=] { reference::multiply(x, by); });
}

void ReferenceBackend::add_vector(Tensor x, Vector y) {
  later([=] { reference::add_vector(x, y); });
}

void ReferenceBackend::match_lengths(Tensor x, Tensor like) {
  later([=] { reference::match_lengths(x, like); });
}

void ReferenceBackend::keep_largest(float deviations, Tensor x) {
  later([=] { reference::keep_largest(deviations, x); });
}

void ReferenceBackend::linear(Tensor x, std::span<const Projection> projections) {
  later([x, projections = copy_of(projections)] { reference::linear(x, projections); });
}

void ReferenceBackend::gated_linear(Tensor x, const Weight& gate, const Weight& up, Activation activation,
                                    Tensor out) {
  later([=] { reference::gated_linear(x, gate, up, activation, out); });
}

void ReferenceBackend::linear_by_head(Tensor x, const Weight& weight, Tensor out) {
  later([=] { reference::linear_by_head(x, weight, out); });
}

void ReferenceBackend::copy_heads(const HeadColumns& from, const HeadColumns& to, int64_t count) {
  later([=] { reference::copy_heads(from, to, count); });
}

void ReferenceBackend::activate(Activation activation, Tensor x) {
  later([=] { reference::activate(activation, x); });
}

void ReferenceBackend::rope(const Rope& rope, std::span<const int32_t> positions, int64_t head_dimension,
                            Tensor x) {
  later([=, pairs = rope.pairs, frequencies = copy_of(rope.frequencies), magnitude = rope.magnitude,
         positions = copy_of(positions)] {
    reference::rope({pairs, frequencies, magnitude}, positions, head_dimension, x);
  });
}

void ReferenceBackend::append_kv(const KvPages& kv, const BatchRows& rows, Tensor k, Tensor v) {
  later([=, rows = KeptRows(rows)] { reference::append_kv(kv, rows, k, v); });
}

void ReferenceBackend::choose_positions(const KvPages& keys, const BatchRows& rows, Tensor q, Tensor weights,
                                        const ChosenPositions& chosen) {
  later([=, rows = KeptRows(rows)] { reference::choose_positions(keys, rows, q, weights, chosen); });
}

void ReferenceBackend::attend(const AttentionParameters& parameters, const KvPages& kv, const BatchRows& rows,
                              Tensor q, Tensor out) {
  later([=, parameters = parameters, slopes = copy_of(parameters.slopes),
         gains = copy_of(parameters.distance_gains), rows = KeptRows(rows)]() mutable {
    parameters.slopes = slopes;
    parameters.distance_gains = gains;
    reference::attend(parameters, kv, rows, q, out);
  });
}

void ReferenceBackend::convolve(const Convolution& convolution, const SlotStates& states,
                                const BatchRows& rows, Tensor x, Tensor y) {
  later([=, rows = KeptRows(rows)] { reference::convolve(convolution, states, rows, x, y); });
}

void ReferenceBackend::scan(const SelectiveScan& scan, const SlotStates& states, const BatchRows& rows,
                            const ScanInputs& inputs, Tensor y) {
  later([=, rows = KeptRows(rows)] { reference::scan(scan, states, rows, inputs, y); });
}

void ReferenceBackend::experts(const ExpertParameters& parameters, const ExpertWeights& weights,
                               Tensor logits, Tensor x, Tensor out) {
  later([=, gate = copy_of(weights.gate.added), up = copy_of(weights.up.added),
         down = copy_of(weights.down.added)] {
    ExpertWeights kept = weights;
    kept.gate.added = gate;
    kept.up.added = up;
    kept.down.added = down;
    reference::experts(parameters, kept, logits, x, out);
  });
}

void ReferenceBackend::delta_rule(const DeltaRule& rule, const SlotStates& states, const BatchRows& rows,
                                  const DeltaRuleInputs& inputs, Tensor out) {
  later([=, rows = KeptRows(rows)] { reference::delta_rule(rule, states, rows, inputs, out); });
}

void ReferenceBackend::wkv6(const Wkv6& rule, const SlotStates& states, const BatchRows& rows,
                            const Wkv6Inputs& inputs, Tensor out) {
  later([=, rows = KeptRows(rows)] { reference::wkv6(rule, states, rows, inputs, out); });
}

void ReferenceBackend::wkv7(const Wkv7& rule, const SlotStates& states, const BatchRows& rows,
                            const Wkv7Inputs& inputs, Tensor out) {
  later([=, rows = KeptRows(rows)] { reference::wkv7(rule, states, rows, inputs, out); });
}

void ReferenceBackend::shift(const SlotStates& states, const BatchRows& rows, Tensor x, Tensor out) {
  later([=, rows = KeptRows(rows)] { reference::shift(states, rows, x, out); });
}

void ReferenceBackend::blend(Tensor x, Tensor y, const Blend& by, Tensor out) {
  later([=] { reference::blend(x, y, by, out); });
}

void ReferenceBackend::gate(Activation activation, Tensor gates, Tensor up, Tensor out) {
  later([=] { reference::gate(activation, gates, up, out); });
}

void ReferenceBackend::add_scaled(Tensor x, Tensor y, float scale) {
  later([=] { reference::add_scaled(x, y, scale); });
}

void ReferenceBackend::add(Tensor x, Tensor y) {
  later([=] { reference::add(x, y); });
}

void ReferenceBackend::add_weighted(Tensor x, Tensor y, Tensor weights, int64_t column) {
  later([=] { reference::add_weighted(x, y, weights, column); });
}

void ReferenceBackend::scale(float factor, Tensor x) {
  later([=] { reference::scale(factor, x); });
}

void ReferenceBackend::soft_cap(float cap, Tensor x) {
  later([=] { reference::soft_cap(cap, x); });
}

void ReferenceBackend::scale_rows(Tensor x, std::span<const float> factors) {
  later([=, factors = copy_of(factors)] { reference::scale_rows(x, factors); });
}

void ReferenceBackend::clamp(float limit, Tensor x) {
  later([=] { reference::clamp(limit, x); });
}

void ReferenceBackend::gather_rows(Tensor x, std::span<const int32_t> rows, Tensor out) {
  later([=, rows = copy_of(rows)] { reference::gather_rows(x, rows, out); });
}

bool ReferenceBackend::find_highest(Tensor x, int64_t columns, Tensor out) {
  later([=] { reference::find_highest(x, columns, out); });
  return true;
}

Result<std::unique_ptr<Backend>> make_backend(const DeviceOptions& options) {
  if (!options.instruction_set.empty()) {
    return Error{
        ErrorCode::kInvalidArgument,
        fmt::format("the device 'reference' has no instruction set '{}', nor any other; leave the option out",
                    options.instruction_set)};
  }
  return std::unique_ptr<Backend>(std::make_unique<ReferenceBackend>());
}

}  // namespace hearth::reference
