// The backend that puts operations down as kernels of a GPU: each operation in the file of its kind, all of a
// step in one list.
#pragma once

#include <memory>
#include <optional>
#include <string>

#include "engine/compute/backend.h"
#include "engine/compute/gpu/memory.h"
#include "engine/compute/gpu/product_batch.h"
#include "engine/compute/gpu/recorder.h"
#include "engine/compute/gpu/rotation.h"
#include "engine/compute/gpu/runner.h"
#include "engine/compute/gpu/self_check.h"
#include "engine/compute/gpu/weight_operands.h"

namespace hearth::gpu {

/// What each operation does stands in Backend; how, in the kernel of its name.
class GpuBackend final : public Backend {
 public:
  /// `memory_budget`: bytes of the device's memory that may be taken; 0: what there is.
  GpuBackend(std::unique_ptr<Runner> runner, uint64_t memory_budget)
      : runner_(std::move(runner)), memory_(*runner_, memory_budget), recorder_(*runner_) {}

  ~GpuBackend() override;

  std::string_view name() const override { return "gpu"; }
  std::string description() const override;
  DeviceCapacity capacity() const override;

  Result<Buffer> allocate(uint64_t bytes) override { return memory_.allocate(bytes); }
  Result<Buffer> allocate_zeroed(uint64_t bytes) override;
  void release(Buffer buffer) override;
  void write(std::span<const std::byte> from, Buffer to) override;
  void copy(Buffer from, Buffer to, uint64_t bytes) override;
  void begin_read(Buffer from, std::span<std::byte> into) override;
  Result<bool> ready() override;
  Result<void> wait() override;
  void begin_profile() override { runner_->begin_profile(); }
  std::vector<KernelTime> profile() const override { return runner_->profile(); }
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
  /// A product that one dispatch computes, which was number `calls`.
  struct LastProduct {
    uint64_t calls;
    ProductBatch batch;
    Tensor x;
    Tensor out;
  };

  /// Multiples of 4 bytes.
  void write_words(std::span<const std::byte> from, Buffer to);
  void bring_together(std::span<const Product> products);
  void move_together(std::span<const Buffer> pieces);
  void record_products(const ProductInput& input, const std::vector<Product>& products);
  /// x += y where y is what the last command multiplied, which does both then. False where it cannot.
  bool add_in_product(Tensor x, Tensor y);
  /// Whether all kernels that were used so far are right, when the runner is ready; else it goes on to find
  /// out.
  Result<bool> check_kernels();

  /// Memory between kernels of one operation, the same for all. To be asked for before anything else of it is
  /// put down, as what was there may be handed over. Nowhere where there is no room, which `ready` tells.
  Buffer scratch(uint64_t bytes);

  void record_rotation(RecordedRotation rotation);
  /// What the last command turns; nullptr where it does something else.
  const RecordedRotation* last_rotation() const;

  std::unique_ptr<Runner> runner_;
  Memory memory_;
  Recorder recorder_;
  WeightOperands weights_{*this, recorder_};
  std::optional<LastProduct> last_product_;
  std::optional<RecordedRotation> last_rotation_;
  TurnFractions turn_fractions_;
  Buffer scratch_;
  uint64_t scratch_bytes_ = 0;
  SelfCheck self_check_{*this, runner_->device()};
};

}  // namespace hearth::gpu
