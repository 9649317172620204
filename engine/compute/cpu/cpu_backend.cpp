#include "engine/compute/cpu/cpu_backend.h"

#include <fmt/format.h>

#include <algorithm>
#include <limits>
#include <utility>

#include "engine/compute/cpu/attention.h"
#include "engine/compute/cpu/elementwise.h"
#include "engine/compute/cpu/experts.h"
#include "engine/compute/cpu/kv_pages.h"
#include "engine/compute/cpu/linear.h"
#include "engine/compute/cpu/memory.h"

namespace hearth {
namespace cpu {
namespace {

std::string_view display_name(std::string_view instruction_set) {
  if (instruction_set == "avx512_vnni") return "AVX-512 VNNI";
  if (instruction_set == "avx2") return "AVX2";
  if (instruction_set == "neon_dot") return "NEON";
  return instruction_set;
}

}  // namespace

std::string CpuBackend::description() const {
  return fmt::format("cpu ({}, {} thread{})", display_name(context_.vector.name), thread_count(),
                     thread_count() == 1 ? "" : "s");
}

Result<Tensor> CpuBackend::allocate(int64_t rows, int64_t columns) {
  constexpr int64_t kMostFloats = std::numeric_limits<int64_t>::max() / sizeof(float);
  if (rows < 0 || columns < 0 || (columns > 0 && rows > kMostFloats / columns)) {
    return Error{ErrorCode::kInvalidArgument,
                 fmt::format("no tensor of {} rows and {} columns can be", rows, columns)};
  }
  const uint64_t bytes = static_cast<uint64_t>(rows) * static_cast<uint64_t>(columns) * sizeof(float);
  std::byte* const block = allocate_block(bytes);
  if (block == nullptr) {
    return Error{ErrorCode::kOutOfMemory,
                 fmt::format("no memory for activations of {} rows and {} columns ({} bytes); use a smaller "
                             "batch or context",
                             rows, columns, bytes)};
  }
  return Tensor{reinterpret_cast<float*>(block), rows, columns};
}

void CpuBackend::release(Tensor tensor) { release_block(reinterpret_cast<std::byte*>(tensor.data)); }

Result<std::byte*> CpuBackend::allocate_pages(uint64_t bytes) {
  std::byte* const block = allocate_zeroed_block(bytes);
  if (block == nullptr) {
    return Error{
        ErrorCode::kOutOfMemory,
        fmt::format("no memory for a key-value cache of {} bytes; use a smaller context or a smaller "
                    "cache type",
                    bytes)};
  }
  return block;
}

void CpuBackend::release_pages(std::byte* memory) { release_block(memory); }

void CpuBackend::embed(const Weight& table, std::span<const int32_t> tokens, float scale, Tensor out) {
  cpu::embed(context_, table, tokens, scale, out);
}

void CpuBackend::norm(NormKind kind, Tensor x, Vector weight, Vector bias, float epsilon, Tensor out) {
  cpu::norm(context_, kind, x, weight, bias, epsilon, out);
}

void CpuBackend::linear(Tensor x, std::span<const Projection> projections) {
  cpu::linear(context_, x, projections);
}

void CpuBackend::gated_linear(Tensor x, const Weight& gate, const Weight& up, Activation activation,
                              Tensor out) {
  cpu::gated_linear(context_, x, gate, up, activation, out);
}

void CpuBackend::activate(Activation activation, Tensor x) { cpu::activate(context_, activation, x); }

void CpuBackend::rope(const Rope& rope, std::span<const int32_t> positions, int64_t head_dimension,
                      Tensor x) {
  cpu::rope(context_, rope_cache_, rope, positions, head_dimension, x);
}

void CpuBackend::append_kv(const KvLayout& layout, std::byte* memory, int32_t layer, const BatchRows& rows,
                           Tensor k, Tensor v) {
  cpu::append_kv(context_, layout, memory, layer, rows, k, v);
}

void CpuBackend::attend(const AttentionParameters& parameters, const KvLayout& layout,
                        const std::byte* memory, int32_t layer, const BatchRows& rows, Tensor q, Tensor out) {
  cpu::attend(context_, parameters, layout, memory, layer, rows, q, out);
}

void CpuBackend::experts(const ExpertParameters& parameters, const ExpertWeights& weights, Tensor x,
                         Tensor out) {
  cpu::experts(context_, parameters, weights, x, out);
}

void CpuBackend::add(Tensor x, Tensor y) { cpu::add(context_, x, y); }

void CpuBackend::soft_cap(float cap, Tensor x) { cpu::soft_cap(context_, cap, x); }

void CpuBackend::gather_rows(Tensor x, std::span<const int32_t> rows, Tensor out) {
  cpu::gather_rows(context_, x, rows, out);
}

Result<void> CpuBackend::read(Tensor x, std::span<float> into) {
  std::copy_n(x.data, into.size(), into.data());
  return {};
}

}  // namespace cpu

Result<std::unique_ptr<Backend>> make_cpu_backend(const CpuOptions& options) {
  HEARTH_ASSIGN(const cpu::MatrixKernels* matrix, cpu::find_matrix_kernels(options.instruction_set));
  HEARTH_ASSIGN(const cpu::VectorKernels* vector, cpu::find_vector_kernels(options.instruction_set));
  const int wanted = options.threads > 0 ? options.threads : default_thread_count();
  const int threads = std::min(wanted, ThreadPool::kMostThreads);
  auto backend = std::make_unique<cpu::CpuBackend>(threads, *matrix, *vector);
  if (backend->thread_count() < threads) {
    return Error{ErrorCode::kOutOfMemory,
                 fmt::format("the system lets only {} of {} threads be started; choose fewer, or raise its "
                             "limits on processes and memory (ulimit -u, ulimit -v)",
                             backend->thread_count(), threads)};
  }
  return std::unique_ptr<Backend>(std::move(backend));
}

}  // namespace hearth
