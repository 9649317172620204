// A device on which a model's matrices are as the adapters of each row have them. Blocks compute on it as on
// any other and know nothing of adapters: a weight says which matrix it is.
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <vector>

#include "engine/compute/delegating_backend.h"
#include "engine/model/adapter_set.h"

namespace hearth {

class AdaptedBackend final : public DelegatingBackend {
 public:
  explicit AdaptedBackend(Backend& device) : DelegatingBackend(device) {}
  ~AdaptedBackend() override;
  AdaptedBackend(const AdaptedBackend&) = delete;
  AdaptedBackend& operator=(const AdaptedBackend&) = delete;

  /// What follows is of rows of these sequences at these positions, each with the adapters that its sequence
  /// has there; nullptr: none.
  void begin(std::span<const int32_t> sequences, std::span<const int32_t> positions,
             std::span<const AdapterSet* const> adapters);
  /// OUT_OF_MEMORY where there was no room to compute in: what came since `begin` is worth nothing then.
  Result<void> outcome() const { return outcome_; }

  void embed(const Weight& table, std::span<const int32_t> tokens, float scale, Tensor out) override;
  void linear(Tensor x, std::span<const Projection> projections) override;
  void gated_linear(Tensor x, const Weight& gate, const Weight& up, Activation activation,
                    Tensor out) override;
  void linear_by_head(Tensor x, const Weight& weight, Tensor out) override;
  void experts(const ExpertParameters& parameters, const ExpertWeights& weights, Tensor logits, Tensor x,
               Tensor out) override;

 private:
  /// Rows one after the other with the same adapters.
  struct Run {
    int64_t first;
    int64_t count;
    const AdapterSet* adapters;  // nullptr: none
    int32_t position;            // of the first row: all have what it has

    bool has(const AdapterSet::Member& member) const { return member.first_position <= position; }
    /// Whether a row of those adapters at that position has what these rows have.
    bool takes(const AdapterSet* set, int32_t at) const;
    bool adapts(const Weight& weight) const { return !added_to(weight).empty(); }
    /// What its adapters add to the products with it.
    std::vector<LowRankProduct> added_to(const Weight& weight) const;
  };

  /// Adds to `out` what the rows' adapters make of x.
  void add_products(Tensor x, const Weight& weight, Tensor out);
  void add_product(Tensor x, const LowRankProduct& added, const Weight& weight, Tensor out);
  void add_product_by_head(Tensor x, const LowRankProduct& added, Tensor out);
  void add_embedding(std::span<const int32_t> tokens, const LowRankPair& pair, float scale, Tensor out);

  /// Memory that grows to what the largest operation so far needed.
  struct Room {
    Buffer memory;
    uint64_t bytes = 0;
  };
  using Two = std::array<Tensor, 2>;
  /// Two tensors of so many rows; nullopt where there is no room, which is the outcome then.
  std::optional<Two> take(Room& room, int64_t rows, std::array<int64_t, 2> widths);

  std::vector<Run> runs_;
  Room products_, gates_;
  Result<void> outcome_;
};

}  // namespace hearth
