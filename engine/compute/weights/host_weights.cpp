#include "engine/compute/weights/host_weights.h"

#include <fmt/format.h>

#include <algorithm>
#include <new>
#include <numeric>
#include <utility>

#include "engine/compute/host.h"
#include "engine/compute/weights/expert_cache.h"
#include "engine/compute/weights/layer_stream.h"
#include "engine/compute/weights/weights_window.h"

namespace hearth {
namespace {

std::span<const std::byte> mapped_bytes(const StoredTensor& tensor) {
  const std::span<const std::byte> all = tensor.source.mapped();
  return all.empty() ? all : all.subspan(tensor.offset, tensor.bytes);
}

/// What layers have to share, after what is always there.
uint64_t budget_of(const WeightPlan& plan) {
  return plan.memory_limit > plan.always_bytes ? plan.memory_limit - plan.always_bytes : 0;
}

/// Each layer's bytes without those of its experts.
std::vector<uint64_t> bytes_without_experts(const WeightPlan& plan) {
  std::vector<uint64_t> bytes = plan.layer_bytes;
  for (size_t layer = 0; layer < plan.experts.size(); ++layer) bytes[layer] -= plan.experts[layer].all;
  return bytes;
}

/// What the rest of the layers may take where experts come and go by themselves: all that they need, if that
/// leaves half of it to the experts.
uint64_t budget_without_experts(const WeightPlan& plan) {
  if (plan.experts.empty()) return budget_of(plan);
  const std::vector<uint64_t> bytes = bytes_without_experts(plan);
  return std::min(std::accumulate(bytes.begin(), bytes.end(), uint64_t{0}), budget_of(plan) / 2);
}

/// None where no layer has any.
Result<std::unique_ptr<ExpertCache>> make_expert_cache(const WeightPlan& plan) {
  if (plan.experts.empty()) return std::unique_ptr<ExpertCache>();
  std::vector<uint64_t> bytes;
  for (const WeightPlan::Experts& experts : plan.experts) bytes.push_back(experts.one);
  return ExpertCache::create(std::move(bytes), budget_of(plan) - budget_without_experts(plan), plan.in_file);
}

/// All of it, for good.
class ResidentWeights : public WeightStore {
 public:
  explicit ResidentWeights(const WeightPlan& plan)
      : name_(plan.name), layer_count_(static_cast<int32_t>(plan.layer_bytes.size())) {}

  Result<Buffer> place(const StoredTensor& tensor, int32_t /*layer*/) override {
    const std::span<const std::byte> mapped = mapped_bytes(tensor);
    if (!mapped.empty()) return buffer_at(mapped.data());
    const auto size = static_cast<size_t>(tensor.bytes);
    std::unique_ptr<std::byte[]> copy;
    if (size == tensor.bytes) copy.reset(new (std::nothrow) std::byte[size]);  // it fits 32 bits
    if (copy == nullptr) {
      return Error{ErrorCode::kOutOfMemory,
                   fmt::format("{}: no memory for a tensor of {} bytes", name_, tensor.bytes)};
    }
    HEARTH_TRY(tensor.source.read(tensor.offset, {copy.get(), size}));
    read_.push_back(std::move(copy));
    return buffer_at(read_.back().get());
  }

  Result<Buffer> keep(std::span<const float> values) override {
    auto copy = std::make_unique<float[]>(values.size());
    std::copy(values.begin(), values.end(), copy.get());
    vectors_.push_back(std::move(copy));
    return buffer_at(vectors_.back().get());
  }

  WeightStatistics statistics() const override {
    WeightStatistics all;
    all.layers_resident = layer_count_;
    return all;
  }

 protected:
  Result<void> acquire(int32_t /*layer*/) override { return {}; }
  void release(int32_t /*layer*/) override {}

 private:
  std::string name_;
  int32_t layer_count_;
  std::vector<std::unique_ptr<std::byte[]>> read_;
  std::vector<std::unique_ptr<float[]>> vectors_;
};

/// Some of it comes and goes: experts one by one, and whole layers.
class PartlyResidentWeights : public ResidentWeights {
 public:
  PartlyResidentWeights(const WeightPlan& plan, std::unique_ptr<ExpertCache> experts)
      : ResidentWeights(plan), experts_(std::move(experts)) {}

  const ExpertPlaces* place_experts(const StoredTensor& tensor, int32_t layer, int32_t count) override {
    return experts_->add(tensor, layer, count);
  }
  int32_t expert_room() const override { return experts_->room(); }
  WeightStatistics statistics() const override {
    WeightStatistics all = layer_statistics();
    if (experts_ != nullptr) {
      all.bytes_read += experts_->bytes_read();
      all.wait_ms += experts_->wait_ms();
    }
    return all;
  }

 protected:
  virtual WeightStatistics layer_statistics() const = 0;
  Result<void> acquire_experts(int32_t layer, std::span<const int32_t> experts) override {
    return experts_->lease(layer, experts);
  }

 private:
  std::unique_ptr<ExpertCache> experts_;  // where any layer has such
};

/// Layers of a mapped file, of which a part is in memory.
class WindowedWeights final : public PartlyResidentWeights {
 public:
  WindowedWeights(const WeightPlan& plan, std::unique_ptr<ExpertCache> experts)
      : PartlyResidentWeights(plan, std::move(experts)),
        budget_(budget_without_experts(plan)),
        layers_(plan.layer_bytes.size()) {}

  Result<Buffer> place(const StoredTensor& tensor, int32_t layer) override {
    if (layer != kNoLayer) layers_[static_cast<size_t>(layer)].push_back(mapped_bytes(tensor));
    return ResidentWeights::place(tensor, layer);
  }
  Result<void> complete() override {
    HEARTH_ASSIGN(window_, WeightsWindow::create(std::move(layers_), budget_));
    return {};
  }

 protected:
  WeightStatistics layer_statistics() const override { return window_->statistics(); }
  Result<void> acquire(int32_t layer) override {
    window_->acquire(layer);
    return {};
  }
  void release(int32_t layer) override { window_->release(layer); }

 private:
  uint64_t budget_;
  std::vector<WeightsWindow::Layer> layers_;
  std::unique_ptr<WeightsWindow> window_;
};

/// Layers that are read when their turn comes.
class StreamedWeights final : public PartlyResidentWeights {
 public:
  StreamedWeights(const WeightPlan& plan, std::unique_ptr<ExpertCache> experts,
                  std::unique_ptr<LayerStream> stream)
      : PartlyResidentWeights(plan, std::move(experts)), stream_(std::move(stream)) {}

  Result<Buffer> place(const StoredTensor& tensor, int32_t layer) override {
    if (layer == kNoLayer || stream_->stays(layer)) return ResidentWeights::place(tensor, layer);
    return buffer_at(stream_->add(layer, tensor.source, tensor.offset, tensor.bytes));
  }

 protected:
  WeightStatistics layer_statistics() const override { return stream_->statistics(); }
  Result<void> acquire(int32_t layer) override { return stream_->acquire(layer); }

 private:
  std::unique_ptr<LayerStream> stream_;
};

}  // namespace

Result<std::unique_ptr<WeightStore>> make_host_weights(const WeightPlan& plan) {
  if (plan.memory_limit == 0) return std::unique_ptr<WeightStore>(new ResidentWeights(plan));
  HEARTH_ASSIGN(auto experts, make_expert_cache(plan));
  if (plan.in_file) return std::unique_ptr<WeightStore>(new WindowedWeights(plan, std::move(experts)));
  if (plan.mapped) {
    return Error{ErrorCode::kInvalidArgument,
                 fmt::format("{}: a memory limit is only for models that are loaded from a file or a read "
                             "function; this one is in memory already",
                             plan.name)};
  }
  HEARTH_ASSIGN(auto stream, LayerStream::create(bytes_without_experts(plan), budget_without_experts(plan),
                                                 plan.reads_ahead));
  return std::unique_ptr<WeightStore>(new StreamedWeights(plan, std::move(experts), std::move(stream)));
}

}  // namespace hearth
