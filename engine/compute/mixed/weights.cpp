#include <algorithm>
#include <optional>
#include <utility>

#include "engine/compute/mixed/mixed_backend.h"
#include "engine/compute/weights/device_weights.h"

namespace hearth::mixed {
namespace {

class MixedWeights final : public WeightStore {
 public:
  MixedWeights(MixedBackend& backend, int32_t first_device_layer, OfSides<std::unique_ptr<WeightStore>> sides)
      : backend_(backend), first_device_layer_(first_device_layer), sides_(std::move(sides)) {}

  Result<Buffer> place(const StoredTensor& tensor, int32_t layer) override {
    Block& block = add_block();
    for (const Side side : {Side::kHost, Side::kDevice}) {
      const bool is_here =
          layer == kNoLayer ? side == Side::kHost || !tensor.is_looked_up : side == backend_.side_of(layer);
      if (!is_here) continue;
      HEARTH_ASSIGN(block.memory[side], sides_[side]->place(tensor, own_number(layer)));
    }
    return Buffer{&block};
  }

  Result<const ExpertPlaces*> place_experts(const StoredTensor& tensor, int32_t layer,
                                            int32_t count) override {
    return sides_[backend_.side_of(layer)]->place_experts(tensor, own_number(layer), count);
  }

  Result<Buffer> keep(std::span<const float> values) override {
    Block& block = add_block();
    for (const Side side : {Side::kHost, Side::kDevice}) {
      HEARTH_ASSIGN(block.memory[side], sides_[side]->keep(values));
    }
    return Buffer{&block};
  }

  Result<void> complete() override {
    HEARTH_TRY(sides_[Side::kHost]->complete());
    return sides_[Side::kDevice]->complete();
  }

  int32_t expert_room() const override { return sides_[Side::kHost]->expert_room(); }

  WeightStatistics statistics() const override {
    WeightStatistics all = sides_[Side::kHost]->statistics();
    const WeightStatistics of_device = sides_[Side::kDevice]->statistics();
    all.layers_resident += of_device.layers_resident;
    all.bytes_read += of_device.bytes_read;
    all.wait_ms += of_device.wait_ms;
    return all;
  }

 protected:
  Result<void> acquire(int32_t layer) override {
    const Side side = backend_.side_of(layer);
    HEARTH_ASSIGN(LayerLease lease, sides_[side]->lease(own_number(layer)));
    lease_.emplace(std::move(lease));
    backend_.compute_on(side);
    return {};
  }
  void release(int32_t /*layer*/) override { lease_.reset(); }

  Result<void> acquire_experts(int32_t layer, std::span<const int32_t> experts) override {
    WeightStore& side = *sides_[backend_.side_of(layer)];
    return side.lease_experts(layer, experts) ? Result<void>() : side.outcome();
  }
  bool holds_expert(int32_t layer, int32_t expert) const override {
    return sides_[backend_.side_of(layer)]->has_expert(layer, expert);
  }
  Result<void> await_expert(int32_t layer, int32_t expert) override {
    WeightStore& side = *sides_[backend_.side_of(layer)];
    return side.bring_expert(layer, expert) ? Result<void>() : side.outcome();
  }

 private:
  /// The side's own: its layers count from 0.
  int32_t own_number(int32_t layer) const {
    return backend_.side_of(layer) == Side::kDevice ? layer - first_device_layer_ : layer;
  }
  Block& add_block() { return *blocks_.emplace_back(std::make_unique<Block>()); }

  MixedBackend& backend_;
  int32_t first_device_layer_;
  OfSides<std::unique_ptr<WeightStore>> sides_;
  std::vector<std::unique_ptr<Block>> blocks_;
  std::optional<LayerLease> lease_;  // of the side's store
};

}  // namespace

Result<std::unique_ptr<WeightStore>> make_mixed_weights(MixedBackend& backend, Backend& host, Backend& device,
                                                        int32_t first_device_layer, const WeightPlan& plan) {
  WeightPlan of_host = plan;
  const auto first = std::min(static_cast<size_t>(first_device_layer), plan.layer_bytes.size());
  of_host.layer_bytes.resize(first);
  of_host.experts.resize(std::min(first, plan.experts.size()));
  OfSides<std::unique_ptr<WeightStore>> sides;
  HEARTH_ASSIGN(sides[Side::kHost], host.make_weight_store(of_host));
  HEARTH_ASSIGN(sides[Side::kDevice], device.make_weight_store(plan_from_layer(plan, first_device_layer)));
  return std::unique_ptr<WeightStore>(new MixedWeights(backend, first_device_layer, std::move(sides)));
}

}  // namespace hearth::mixed
