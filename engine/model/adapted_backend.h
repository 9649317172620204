// A device on which a model's matrices are as the adapters of each row have them. Blocks compute on it as on
// any other and know nothing of adapters: a weight says which matrix it is.
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "engine/compute/backend.h"
#include "engine/model/adapter.h"

namespace hearth {

class AdaptedBackend final : public Backend {
 public:
  explicit AdaptedBackend(Backend& device) : device_(device) {}
  ~AdaptedBackend() override;
  AdaptedBackend(const AdaptedBackend&) = delete;
  AdaptedBackend& operator=(const AdaptedBackend&) = delete;

  /// What follows is of rows of these sequences, each with the adapters that its sequence has; nullptr: none.
  void begin(std::span<const int32_t> sequences, std::span<const AdapterSet* const> adapters);
  /// OUT_OF_MEMORY where there was no room to compute in: what came since `begin` is worth nothing then.
  Result<void> outcome() const { return outcome_; }

  void embed(const Weight& table, std::span<const int32_t> tokens, float scale, Tensor out) override;
  void linear(Tensor x, std::span<const Projection> projections) override;
  void gated_linear(Tensor x, const Weight& gate, const Weight& up, Activation activation,
                    Tensor out) override;

  // The device's own:

  std::string_view name() const override { return device_.name(); }
  std::string description() const override { return device_.description(); }
  Result<Buffer> allocate(uint64_t bytes) override { return device_.allocate(bytes); }
  Result<Buffer> allocate_zeroed(uint64_t bytes) override { return device_.allocate_zeroed(bytes); }
  void release(Buffer buffer) override { device_.release(buffer); }
  void write(std::span<const std::byte> from, Buffer to) override { device_.write(from, to); }
  void copy(Buffer from, Buffer to, uint64_t bytes) override { device_.copy(from, to, bytes); }
  void begin_read(Buffer from, std::span<std::byte> into) override { device_.begin_read(from, into); }
  Result<bool> ready() override { return device_.ready(); }
  Result<void> wait() override { return device_.wait(); }
  Result<std::unique_ptr<WeightStore>> make_weight_store(const WeightPlan& plan) override {
    return device_.make_weight_store(plan);
  }
  void norm(NormKind kind, Tensor x, Vector weight, Vector bias, float epsilon, Tensor out) override {
    device_.norm(kind, x, weight, bias, epsilon, out);
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
  void attend(const AttentionParameters& parameters, const KvPages& kv, const BatchRows& rows, Tensor q,
              Tensor out) override {
    device_.attend(parameters, kv, rows, q, out);
  }
  void experts(const ExpertParameters& parameters, const ExpertWeights& weights, Tensor x,
               Tensor out) override {
    device_.experts(parameters, weights, x, out);
  }
  void add(Tensor x, Tensor y) override { device_.add(x, y); }
  void add_scaled(Tensor x, Tensor y, float scale) override { device_.add_scaled(x, y, scale); }
  void soft_cap(float cap, Tensor x) override { device_.soft_cap(cap, x); }
  void gather_rows(Tensor x, std::span<const int32_t> rows, Tensor out) override {
    device_.gather_rows(x, rows, out);
  }

 private:
  /// Rows one after the other with the same adapters.
  struct Run {
    int64_t first;
    int64_t count;
    const AdapterSet* adapters;  // nullptr: none

    bool adapts(const Weight& weight) const;
  };

  /// Adds to `out` what the rows' adapters make of x.
  void add_products(Tensor x, const Weight& weight, Tensor out);
  void add_product(Tensor x, const LowRankPair& pair, const Weight& weight, float scale, Tensor out);
  void add_embedding(std::span<const int32_t> tokens, const LowRankPair& pair, float scale, Tensor out);

  /// Memory that grows to what the largest operation so far needed.
  struct Room {
    Buffer memory;
    uint64_t bytes = 0;
  };
  using Two = std::array<Tensor, 2>;
  /// Two tensors of so many rows; nullopt where there is no room, which is the outcome then.
  std::optional<Two> take(Room& room, int64_t rows, std::array<int64_t, 2> widths);

  Backend& device_;
  std::vector<Run> runs_;
  Room products_, gates_;
  Result<void> outcome_;
};

}  // namespace hearth
