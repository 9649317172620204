#include <algorithm>
#include <optional>
#include <utility>

#include "engine/compute/mixed/mixed_backend.h"

namespace hearth::mixed {
namespace {

class MixedWeights final : public WeightStore {
 public:
  MixedWeights(MixedBackend& backend, OfSides<std::unique_ptr<WeightStore>> sides)
      : backend_(backend), sides_(std::move(sides)) {}

  Result<Buffer> place(const StoredTensor& tensor, int32_t layer) override {
    Block& block = add_block();
    for (const Side side : {Side::kHost, Side::kDevice}) {
      const bool is_here =
          layer == kNoLayer ? side == Side::kHost || !tensor.is_looked_up : side == backend_.side_of(layer);
      if (!is_here) continue;
      HEARTH_ASSIGN(block.memory[side], sides_[side]->place(tensor, layer));
    }
    return Buffer{&block};
  }

  Result<const ExpertPlaces*> place_experts(const StoredTensor& tensor, int32_t layer,
                                            int32_t count) override {
    return sides_[backend_.side_of(layer)]->place_experts(tensor, layer, count);
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
    all.layers_resident += sides_[Side::kDevice]->statistics().layers_resident;
    return all;
  }

 protected:
  Result<void> acquire(int32_t layer) override {
    const Side side = backend_.side_of(layer);
    HEARTH_ASSIGN(LayerLease lease, sides_[side]->lease(layer));
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
  Block& add_block() { return *blocks_.emplace_back(std::make_unique<Block>()); }

  MixedBackend& backend_;
  OfSides<std::unique_ptr<WeightStore>> sides_;
  std::vector<std::unique_ptr<Block>> blocks_;
  std::optional<LayerLease> lease_;  // of the side's store
};

}  // namespace

Result<std::unique_ptr<WeightStore>> make_mixed_weights(MixedBackend& backend, Backend& host, Backend& device,
                                                        int32_t first_device_layer, const WeightPlan& plan) {
  WeightPlan of_host = plan;
  WeightPlan of_device = plan;
  const auto first = std::min(static_cast<size_t>(first_device_layer), plan.layer_bytes.size());
  of_host.layer_bytes.resize(first);
  of_host.experts.resize(std::min(first, plan.experts.size()));
  const auto end = of_device.layer_bytes.begin() + static_cast<ptrdiff_t>(first);
  of_device.layer_bytes.erase(of_device.layer_bytes.begin(), end);
  of_device.experts.clear();
  of_device.always_bytes -= plan.looked_up_bytes;
  of_device.memory_limit = 0;  // which is for this process's memory
  OfSides<std::unique_ptr<WeightStore>> sides;
  HEARTH_ASSIGN(sides[Side::kHost], host.make_weight_store(of_host));
  HEARTH_ASSIGN(sides[Side::kDevice], device.make_weight_store(of_device));
  return std::unique_ptr<WeightStore>(new MixedWeights(backend, std::move(sides)));
}

}  // namespace hearth::mixed
