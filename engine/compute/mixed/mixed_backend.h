// Two devices as one: the CPU computes a network's first layers, and another device, a GPU say, those from
// one on and all that comes behind.
//
// Weights, keys and values and other states lie on the side of their layer, or on both where layers of both
// use them; activations have memory on both sides. An operation runs on the side of the layer that is leased.
// What it reads and only the other side has is carried over first: as the first layers are the CPU's, which
// computes at once, that goes one way, and nothing waits for it. (Networks that go through their layers more
// than once come back, and wait for the device there.)
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "engine/compute/backend.h"
#include "engine/compute/mixed/block.h"

namespace hearth {

/// `host` computes at once, the layers before `first_device_layer`.
std::unique_ptr<Backend> make_mixed_backend(std::unique_ptr<Backend> host, std::unique_ptr<Backend> device,
                                            int32_t first_device_layer);

namespace mixed {

/// What each operation does stands in Backend.
class MixedBackend final : public Backend {
 public:
  MixedBackend(std::unique_ptr<Backend> host, std::unique_ptr<Backend> device, int32_t first_device_layer);
  ~MixedBackend() override;

  /// Both sides' and where they meet: states of one are no other's.
  std::string_view name() const override { return name_; }
  std::string description() const override;
  DeviceCapacity capacity() const override { return sides_[Side::kDevice]->capacity(); }

  void begin_profile() override { sides_[Side::kDevice]->begin_profile(); }
  std::vector<KernelTime> profile() const override { return sides_[Side::kDevice]->profile(); }

  Side side_of(int32_t layer) const { return layer < first_device_layer_ ? Side::kHost : Side::kDevice; }
  /// Where operations run from now on.
  void compute_on(Side side) { side_ = side; }

  Result<Buffer> allocate(uint64_t bytes) override;
  Result<Buffer> allocate_zeroed(uint64_t bytes) override;
  Result<Buffer> allocate_states(std::span<const StatePart> parts, uint64_t count) override;
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
  using Allocate = Result<Buffer> (Backend::*)(uint64_t bytes);
  Result<Buffer> allocate_on_both(uint64_t bytes, Allocate how);
  Block& add_block(Block block);
  Backend& side() { return *sides_[side_]; }

  /// Has a range of activations be on a side as it was written last.
  void bring(Block& block, Side to, Range range);
  /// Calls run(side, buffer there, bytes, offset from the first) for all that sides have of `bytes` from a
  /// buffer of states on.
  template <typename Run>
  void for_each_part(Buffer states, uint64_t bytes, const Run& run);

  // On the side that computes, what an operation...
  Tensor reads(Tensor x);    // reads, brought there
  Tensor writes(Tensor x);   // writes all of, once all that it reads was brought
  Tensor changes(Tensor x);  // reads and writes
  Vector reads(Vector x) const;
  Weight reads(const Weight& x) const;
  GroupNorm reads(const GroupNorm& norm) const;
  LowRankProduct reads(const LowRankProduct& added) const {
    return {reads(added.down), reads(added.up), added.scale};
  }
  static KvPages on(Side side, const KvPages& kv);
  SlotStates on_side(const SlotStates& states) const;

  OfSides<std::unique_ptr<Backend>> sides_;
  int32_t first_device_layer_;
  std::string name_;
  Side side_ = Side::kHost;
  Result<void> outcome_;  // of what was carried
  std::map<const void*, std::unique_ptr<Block>> blocks_;
};

/// Weights of layers lie on their side, those outside of layers on both. A table whose rows are only looked
/// up is the host's.
Result<std::unique_ptr<WeightStore>> make_mixed_weights(MixedBackend& backend, Backend& host, Backend& device,
                                                        int32_t first_device_layer, const WeightPlan& plan);

}  // namespace mixed
}  // namespace hearth
