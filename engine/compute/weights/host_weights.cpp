#include "engine/compute/weights/host_weights.h"

#include <fmt/format.h>

#include <algorithm>
#include <new>

#include "engine/compute/host.h"
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

/// Layers of a mapped file, of which a part is in memory.
class WindowedWeights final : public ResidentWeights {
 public:
  explicit WindowedWeights(const WeightPlan& plan)
      : ResidentWeights(plan), budget_(budget_of(plan)), layers_(plan.layer_bytes.size()) {}

  Result<Buffer> place(const StoredTensor& tensor, int32_t layer) override {
    if (layer != kNoLayer) layers_[static_cast<size_t>(layer)].push_back(mapped_bytes(tensor));
    return ResidentWeights::place(tensor, layer);
  }
  Result<void> complete() override {
    HEARTH_ASSIGN(window_, WeightsWindow::create(std::move(layers_), budget_));
    return {};
  }
  WeightStatistics statistics() const override { return window_->statistics(); }

 protected:
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
class StreamedWeights final : public ResidentWeights {
 public:
  StreamedWeights(const WeightPlan& plan, std::unique_ptr<LayerStream> stream)
      : ResidentWeights(plan), stream_(std::move(stream)) {}

  Result<Buffer> place(const StoredTensor& tensor, int32_t layer) override {
    if (layer == kNoLayer || stream_->stays(layer)) return ResidentWeights::place(tensor, layer);
    return buffer_at(stream_->add(layer, tensor.source, tensor.offset, tensor.bytes));
  }
  WeightStatistics statistics() const override { return stream_->statistics(); }

 protected:
  Result<void> acquire(int32_t layer) override { return stream_->acquire(layer); }

 private:
  std::unique_ptr<LayerStream> stream_;
};

}  // namespace

Result<std::unique_ptr<WeightStore>> make_host_weights(const WeightPlan& plan) {
  if (plan.memory_limit == 0) return std::unique_ptr<WeightStore>(new ResidentWeights(plan));
  if (plan.in_file) return std::unique_ptr<WeightStore>(new WindowedWeights(plan));
  if (plan.mapped) {
    return Error{ErrorCode::kInvalidArgument,
                 fmt::format("{}: a memory limit is only for models that are loaded from a file or a read "
                             "function; this one is in memory already",
                             plan.name)};
  }
  HEARTH_ASSIGN(auto stream, LayerStream::create(plan.layer_bytes, budget_of(plan), plan.reads_ahead));
  return std::unique_ptr<WeightStore>(new StreamedWeights(plan, std::move(stream)));
}

}  // namespace hearth
