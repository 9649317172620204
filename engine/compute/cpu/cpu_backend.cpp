#include "engine/compute/cpu/cpu_backend.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "engine/compute/cpu/attention.h"
#include "engine/compute/cpu/device.h"
#include "engine/compute/cpu/elementwise.h"
#include "engine/compute/cpu/experts.h"
#include "engine/compute/cpu/kv_pages.h"
#include "engine/compute/cpu/linear.h"
#include "engine/compute/cpu/linear_attention.h"
#include "engine/compute/cpu/memory.h"
#include "engine/compute/cpu/position_choice.h"
#include "engine/compute/cpu/recurrence.h"
#include "engine/compute/devices.h"
#include "engine/compute/host.h"
#include "engine/compute/weights/host_weights.h"

namespace hearth::cpu {
namespace {

std::string_view display_name(std::string_view instruction_set) {
  if (instruction_set == "avx512_vnni") return "AVX-512 VNNI";
  if (instruction_set == "avx2") return "AVX2";
  if (instruction_set == "neon_dot") return "NEON";
  if (instruction_set == "neon_i8mm") return "NEON I8MM";
  return instruction_set;
}

Result<Buffer> buffer_or_error(std::byte* block, uint64_t bytes) {
  if (block != nullptr) return buffer_at(block);
  return Error{ErrorCode::kOutOfMemory, fmt::format("no memory for {} bytes", bytes)};
}

}  // namespace

std::string CpuBackend::description() const {
  return fmt::format("cpu ({}, {} thread{})", display_name(context_.vector.name), thread_count(),
                     thread_count() == 1 ? "" : "s");
}

Result<Buffer> CpuBackend::allocate(uint64_t bytes) { return buffer_or_error(allocate_block(bytes), bytes); }

Result<Buffer> CpuBackend::allocate_zeroed(uint64_t bytes) {
  return buffer_or_error(allocate_zeroed_block(bytes), bytes);
}

void CpuBackend::release(Buffer buffer) { release_block(static_cast<std::byte*>(buffer.block)); }

void CpuBackend::write(std::span<const std::byte> from, Buffer to) {
  std::copy(from.begin(), from.end(), address_of(to));
}

void CpuBackend::copy(Buffer from, Buffer to, uint64_t bytes) {
  std::copy_n(address_of(from), bytes, address_of(to));
}

void CpuBackend::begin_read(Buffer from, std::span<std::byte> into) {
  std::copy_n(address_of(from), into.size(), into.data());
}

Result<std::unique_ptr<WeightStore>> CpuBackend::make_weight_store(const WeightPlan& plan) {
  return make_host_weights(plan);
}

void CpuBackend::embed(const Weight& table, std::span<const int32_t> tokens, float scale, Tensor out) {
  cpu::embed(context_, table, tokens, scale, out);
}

void CpuBackend::norm(NormKind kind, Tensor x, Vector weight, Vector bias, float epsilon, Tensor out) {
  cpu::norm(context_, kind, x, weight, bias, epsilon, out);
}

void CpuBackend::multiply(Tensor x, Vector by) { cpu::multiply(context_, x, by); }

void CpuBackend::add_vector(Tensor x, Vector y) { cpu::add_vector(context_, x, y); }

void CpuBackend::match_lengths(Tensor x, Tensor like) { cpu::match_lengths(context_, x, like); }

void CpuBackend::keep_largest(float deviations, Tensor x) { cpu::keep_largest(context_, deviations, x); }

void CpuBackend::linear(Tensor x, std::span<const Projection> projections) {
  cpu::linear(context_, x, projections);
}

void CpuBackend::gated_linear(Tensor x, const Weight& gate, const Weight& up, Activation activation,
                              Tensor out) {
  cpu::gated_linear(context_, x, gate, up, activation, out);
}

void CpuBackend::linear_by_head(Tensor x, const Weight& weight, Tensor out) {
  cpu::linear_by_head(context_, x, weight, out);
}

void CpuBackend::copy_heads(const HeadColumns& from, const HeadColumns& to, int64_t count) {
  cpu::copy_heads(context_, from, to, count);
}

void CpuBackend::activate(Activation activation, Tensor x) { cpu::activate(context_, activation, x); }

void CpuBackend::rope(const Rope& rope, std::span<const int32_t> positions, int64_t head_dimension,
                      Tensor x) {
  cpu::rope(context_, rope_cache_, rope, positions, head_dimension, x);
}

void CpuBackend::append_kv(const KvPages& kv, const BatchRows& rows, Tensor k, Tensor v) {
  cpu::append_kv(context_, kv, rows, k, v);
}

void CpuBackend::choose_positions(const KvPages& keys, const BatchRows& rows, Tensor q, Tensor weights,
                                  const ChosenPositions& chosen) {
  cpu::choose_positions(context_, keys, rows, q, weights, chosen);
}

void CpuBackend::attend(const AttentionParameters& parameters, const KvPages& kv, const BatchRows& rows,
                        Tensor q, Tensor out) {
  cpu::attend(context_, parameters, kv, rows, q, out);
}

void CpuBackend::convolve(const Convolution& convolution, const SlotStates& states, const BatchRows& rows,
                          Tensor x, Tensor y) {
  cpu::convolve(context_, convolution, states, rows, x, y);
}

void CpuBackend::scan(const SelectiveScan& scan, const SlotStates& states, const BatchRows& rows,
                      const ScanInputs& inputs, Tensor y) {
  cpu::scan(context_, scan, states, rows, inputs, y);
}

void CpuBackend::experts(const ExpertParameters& parameters, const ExpertWeights& weights, Tensor logits,
                         Tensor x, Tensor out) {
  cpu::experts(context_, parameters, weights, logits, x, out);
}

void CpuBackend::delta_rule(const DeltaRule& rule, const SlotStates& states, const BatchRows& rows,
                            const DeltaRuleInputs& inputs, Tensor out) {
  cpu::delta_rule(context_, rule, states, rows, inputs, out);
}

void CpuBackend::wkv6(const Wkv6& rule, const SlotStates& states, const BatchRows& rows,
                      const Wkv6Inputs& inputs, Tensor out) {
  cpu::wkv6(context_, rule, states, rows, inputs, out);
}

void CpuBackend::wkv7(const Wkv7& rule, const SlotStates& states, const BatchRows& rows,
                      const Wkv7Inputs& inputs, Tensor out) {
  cpu::wkv7(context_, rule, states, rows, inputs, out);
}

void CpuBackend::shift(const SlotStates& states, const BatchRows& rows, Tensor x, Tensor out) {
  cpu::shift(states, rows, x, out);
}

void CpuBackend::blend(Tensor x, Tensor y, const Blend& by, Tensor out) {
  cpu::blend(context_, x, y, by, out);
}

void CpuBackend::gate(Activation activation, Tensor gates, Tensor up, Tensor out) {
  cpu::gate(context_, activation, gates, up, out);
}

void CpuBackend::add(Tensor x, Tensor y) { cpu::add(context_, x, y); }

void CpuBackend::add_scaled(Tensor x, Tensor y, float scale) { cpu::add_scaled(context_, x, y, scale); }

void CpuBackend::add_weighted(Tensor x, Tensor y, Tensor weights, int64_t column) {
  cpu::add_weighted(context_, x, y, weights, column);
}

void CpuBackend::scale(float factor, Tensor x) { cpu::scale(context_, factor, x); }

void CpuBackend::soft_cap(float cap, Tensor x) { cpu::soft_cap(context_, cap, x); }

void CpuBackend::scale_rows(Tensor x, std::span<const float> factors) {
  cpu::scale_rows(context_, x, factors);
}

void CpuBackend::clamp(float limit, Tensor x) { cpu::clamp(context_, limit, x); }

void CpuBackend::gather_rows(Tensor x, std::span<const int32_t> rows, Tensor out) {
  cpu::gather_rows(context_, x, rows, out);
}

Result<std::unique_ptr<Backend>> make_backend(const DeviceOptions& options) {
  HEARTH_ASSIGN(const MatrixKernels* matrix, find_matrix_kernels(options.instruction_set));
  HEARTH_ASSIGN(const VectorKernels* vector, find_vector_kernels(options.instruction_set));
  const int wanted = options.threads > 0 ? options.threads : default_thread_count();
  const int threads = std::min(wanted, ThreadPool::kMostThreads);
  auto backend = std::make_unique<CpuBackend>(threads, *matrix, *vector);
  if (backend->thread_count() < threads) {
    return Error{ErrorCode::kOutOfMemory,
                 fmt::format("the system lets only {} of {} threads be started; choose fewer, or raise its "
                             "limits on processes and memory (ulimit -u, ulimit -v)",
                             backend->thread_count(), threads)};
  }
  return std::unique_ptr<Backend>(std::move(backend));
}

}  // namespace hearth::cpu
