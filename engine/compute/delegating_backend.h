// A device that passes on all it is asked for to another one: what changes or watches some operations has
// the rest from here.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "engine/compute/backend.h"

namespace hearth {

class DelegatingBackend : public Backend {
 public:
  /// `device` must outlive it.
  explicit DelegatingBackend(Backend& device) : device_(device) {}

  std::string_view name() const override { return device_.name(); }
  std::string description() const override { return device_.description(); }
  Result<Buffer> allocate(uint64_t bytes) override { return device_.allocate(bytes); }
  Result<Buffer> allocate_zeroed(uint64_t bytes) override { return device_.allocate_zeroed(bytes); }
  Result<Buffer> allocate_states(std::span<const StatePart> parts, uint64_t count) override {
    return device_.allocate_states(parts, count);
  }
  void release(Buffer buffer) override { device_.release(buffer); }
  void write(std::span<const std::byte> from, Buffer to) override { device_.write(from, to); }
  void copy(Buffer from, Buffer to, uint64_t bytes) override { device_.copy(from, to, bytes); }
  void begin_read(Buffer from, std::span<std::byte> into) override { device_.begin_read(from, into); }
  Result<bool> ready() override { return device_.ready(); }
  Result<void> wait() override { return device_.wait(); }
  void begin_profile() override { device_.begin_profile(); }
  std::vector<KernelTime> profile() const override { return device_.profile(); }
  Result<std::unique_ptr<WeightStore>> make_weight_store(const WeightPlan& plan) override {
    return device_.make_weight_store(plan);
  }
  void embed(const Weight& table, std::span<const int32_t> tokens, float scale, Tensor out) override {
    device_.embed(table, tokens, scale, out);
  }
  void norm(NormKind kind, Tensor x, Vector weight, Vector bias, float epsilon, Tensor out) override {
    device_.norm(kind, x, weight, bias, epsilon, out);
  }
  void multiply(Tensor x, Vector by) override { device_.multiply(x, by); }
  void add_vector(Tensor x, Vector y) override { device_.add_vector(x, y); }
  void match_lengths(Tensor x, Tensor like) override { device_.match_lengths(x, like); }
  void keep_largest(float deviations, Tensor x) override { device_.keep_largest(deviations, x); }
  void linear(Tensor x, std::span<const Projection> projections) override { device_.linear(x, projections); }
  void gated_linear(Tensor x, const Weight& gate, const Weight& up, Activation activation,
                    Tensor out) override {
    device_.gated_linear(x, gate, up, activation, out);
  }
  void linear_by_head(Tensor x, const Weight& weight, Tensor out) override {
    device_.linear_by_head(x, weight, out);
  }
  void copy_heads(const HeadColumns& from, const HeadColumns& to, int64_t count) override {
    device_.copy_heads(from, to, count);
  }
  void activate(Activation activation, Tensor x) override { device_.activate(activation, x); }
  void gate(Activation activation, Tensor gates, Tensor up, Tensor out) override {
    device_.gate(activation, gates, up, out);
  }
  void rope(const Rope& rope, std::span<const int32_t> positions, int64_t head_dimension, Tensor x) override {
    device_.rope(rope, positions, head_dimension, x);
  }
  void append_kv(const KvPages& kv, const BatchRows& rows, Tensor k, Tensor v) override {
    device_.append_kv(kv, rows, k, v);
  }
  void choose_positions(const KvPages& keys, const BatchRows& rows, Tensor q, Tensor weights,
                        const ChosenPositions& chosen) override {
    device_.choose_positions(keys, rows, q, weights, chosen);
  }
  void attend(const AttentionParameters& parameters, const KvPages& kv, const BatchRows& rows, Tensor q,
              Tensor out) override {
    device_.attend(parameters, kv, rows, q, out);
  }
  void convolve(const Convolution& convolution, const SlotStates& states, const BatchRows& rows, Tensor x,
                Tensor y) override {
    device_.convolve(convolution, states, rows, x, y);
  }
  void scan(const SelectiveScan& scan, const SlotStates& states, const BatchRows& rows,
            const ScanInputs& inputs, Tensor y) override {
    device_.scan(scan, states, rows, inputs, y);
  }
  void experts(const ExpertParameters& parameters, const ExpertWeights& weights, Tensor logits, Tensor x,
               Tensor out) override {
    device_.experts(parameters, weights, logits, x, out);
  }
  void delta_rule(const DeltaRule& rule, const SlotStates& states, const BatchRows& rows,
                  const DeltaRuleInputs& inputs, Tensor out) override {
    device_.delta_rule(rule, states, rows, inputs, out);
  }
  void wkv6(const Wkv6& rule, const SlotStates& states, const BatchRows& rows, const Wkv6Inputs& inputs,
            Tensor out) override {
    device_.wkv6(rule, states, rows, inputs, out);
  }
  void wkv7(const Wkv7& rule, const SlotStates& states, const BatchRows& rows, const Wkv7Inputs& inputs,
            Tensor out) override {
    device_.wkv7(rule, states, rows, inputs, out);
  }
  void shift(const SlotStates& states, const BatchRows& rows, Tensor x, Tensor out) override {
    device_.shift(states, rows, x, out);
  }
  void blend(Tensor x, Tensor y, const Blend& by, Tensor out) override { device_.blend(x, y, by, out); }
  void add(Tensor x, Tensor y) override { device_.add(x, y); }
  void add_scaled(Tensor x, Tensor y, float scale) override { device_.add_scaled(x, y, scale); }
  void add_weighted(Tensor x, Tensor y, Tensor weights, int64_t column) override {
    device_.add_weighted(x, y, weights, column);
  }
  void scale(float factor, Tensor x) override { device_.scale(factor, x); }
  void soft_cap(float cap, Tensor x) override { device_.soft_cap(cap, x); }
  void scale_rows(Tensor x, std::span<const float> factors) override { device_.scale_rows(x, factors); }
  void clamp(float limit, Tensor x) override { device_.clamp(limit, x); }
  void gather_rows(Tensor x, std::span<const int32_t> rows, Tensor out) override {
    device_.gather_rows(x, rows, out);
  }
  bool find_highest(Tensor x, int64_t columns, Tensor out) override {
    return device_.find_highest(x, columns, out);
  }

 protected:
  Backend& device_;
};

}  // namespace hearth
