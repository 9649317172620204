// The backend that computes later: an operation is put down with a copy of what it was given, and runs when
// it is asked whether it is done.
#pragma once

#include <deque>
#include <functional>

#include "engine/compute/backend.h"

namespace hearth::reference {

/// Slower than its callers would like on purpose: it is found not ready at least once after whatever is asked
/// for.
class ReferenceBackend final : public Backend {
 public:
  std::string_view name() const override { return "reference"; }
  std::string description() const override;

  /// Filled with what is no number in any type, so that nothing can come of reading what was never written.
  Result<Buffer> allocate(uint64_t bytes) override;
  Result<Buffer> allocate_zeroed(uint64_t bytes) override;
  void release(Buffer buffer) override;
  void write(std::span<const std::byte> from, Buffer to) override;
  void copy(Buffer from, Buffer to, uint64_t bytes) override;
  void begin_read(Buffer from, std::span<std::byte> into) override;
  Result<bool> ready() override;
  Result<void> wait() override;
  Result<std::unique_ptr<WeightStore>> make_weight_store(const WeightPlan& plan) override;

  void embed(const Weight& table, std::span<const int32_t> tokens, float scale, Tensor out) override;
  void norm(NormKind kind, Tensor x, Vector weight, Vector bias, float epsilon, Tensor out) override;
  void multiply(Tensor x, Vector by) override;
  void add_vector(Tensor x, Vector y) override;
  void match_lengths(Tensor x, Tensor like) override;
  void keep_largest(float deviations, Tensor x) override;
  void linear(Tensor x, std::span<const Projection> projections) override;
  void gated_linear(Tensor x, const Weight& gate, const Weight& up, Activation activation,
                    Tensor out) override;
  void linear_by_head(Tensor x, const Weight& weight, Tensor out) override;
  void copy_heads(const HeadColumns& from, const HeadColumns& to, int64_t count) override;
  void activate(Activation activation, Tensor x) override;
  void rope(const Rope& rope, std::span<const int32_t> positions, int64_t head_dimension, Tensor x) override;
  void append_kv(const KvPages& kv, const BatchRows& rows, Tensor k, Tensor v) override;
  void choose_positions(const KvPages& keys, const BatchRows& rows, Tensor q, Tensor weights,
                        const ChosenPositions& chosen) override;
  void attend(const AttentionParameters& parameters, const KvPages& kv, const BatchRows& rows, Tensor q,
              Tensor out) override;
  void convolve(const Convolution& convolution, const SlotStates& states, const BatchRows& rows, Tensor x,
                Tensor y) override;
  void scan(const SelectiveScan& scan, const SlotStates& states, const BatchRows& rows,
            const ScanInputs& inputs, Tensor y) override;
  void experts(const ExpertParameters& parameters, const ExpertWeights& weights, Tensor logits, Tensor x,
               Tensor out) override;
  void delta_rule(const DeltaRule& rule, const SlotStates& states, const BatchRows& rows,
                  const DeltaRuleInputs& inputs, Tensor out) override;
  void wkv6(const Wkv6& rule, const SlotStates& states, const BatchRows& rows, const Wkv6Inputs& inputs,
            Tensor out) override;
  void wkv7(const Wkv7& rule, const SlotStates& states, const BatchRows& rows, const Wkv7Inputs& inputs,
            Tensor out) override;
  void shift(const SlotStates& states, const BatchRows& rows, Tensor x, Tensor out) override;
  void blend(Tensor x, Tensor y, const Blend& by, Tensor out) override;
  void gate(Activation activation, Tensor gates, Tensor up, Tensor out) override;
  void add(Tensor x, Tensor y) override;
  void add_scaled(Tensor x, Tensor y, float scale) override;
  void add_weighted(Tensor x, Tensor y, Tensor weights, int64_t column) override;
  void scale(float factor, Tensor x) override;
  void soft_cap(float cap, Tensor x) override;
  void scale_rows(Tensor x, std::span<const float> factors) override;
  void clamp(float limit, Tensor x) override;
  void gather_rows(Tensor x, std::span<const int32_t> rows, Tensor out) override;
  bool find_highest(Tensor x, int64_t columns, Tensor out) override;

 private:
  using Operation = std::function<void()>;

  Result<Buffer> allocate(uint64_t bytes, std::byte fill);
  void later(Operation operation) { asked_for_.push_back(std::move(operation)); }
  void run_next();

  std::deque<Operation> asked_for_;
};

}  // namespace hearth::reference
