#include "engine/compute/weights/host_weights.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <new>
#include <numeric>
#include <utility>

#include "engine/base/background_reader.h"
#include "engine/compute/host.h"
#include "engine/compute/weights/expert_cache.h"
#include "engine/compute/weights/layer_stream.h"

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
  return ExpertCache::create(bytes, budget_of(plan) - budget_without_experts(plan));
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
class StreamedWeights final : public ResidentWeights {
 public:
  StreamedWeights(const WeightPlan& plan, std::unique_ptr<LayerStream> layers,
                  std::unique_ptr<ExpertCache> experts)
      : ResidentWeights(plan), layers_(std::move(layers)), experts_(std::move(experts)) {}

  Result<Buffer> place(const StoredTensor& tensor, int32_t layer) override {
    if (layer == kNoLayer || layers_->stays(layer)) return ResidentWeights::place(tensor, layer);
    HEARTH_ASSIGN(const ByteSource* const source, to_read(tensor.source));
    return buffer_at(layers_->add(layer, *source, tensor.offset, tensor.bytes));
  }
  Result<const ExpertPlaces*> place_experts(const StoredTensor& tensor, int32_t layer,
                                            int32_t count) override {
    HEARTH_ASSIGN(const ByteSource* const source, to_read(tensor.source));
    return experts_->add({*source, tensor.offset, tensor.bytes}, layer, count);
  }
  int32_t expert_room() const override { return experts_->room(); }

  WeightStatistics statistics() const override {
    WeightStatistics all = layers_->statistics();
    if (experts_ != nullptr) {
      all.bytes_read += experts_->bytes_read();
      all.wait_ms += experts_->wait_ms();
    }
    return all;
  }

 protected:
  Result<void> acquire(int32_t layer) override { return layers_->acquire(layer); }
  Result<void> acquire_experts(int32_t layer, std::span<const int32_t> experts) override {
    return experts_->lease(layer, experts);
  }
  bool holds_expert(int32_t layer, int32_t expert) const override { return experts_->has(layer, expert); }
  Result<void> await_expert(int32_t layer, int32_t expert) override { return experts_->bring(layer, expert); }

 private:
  /// How to read what the source has into memory of this store's own.
  Result<const ByteSource*> to_read(const ByteSource& source) {
    const auto known = direct_.find(&source);
    if (known != direct_.end()) return known->second.get();
    HEARTH_ASSIGN(std::shared_ptr<const ByteSource> direct, source.direct(reader_));
    if (direct == nullptr) return &source;
    return (direct_[&source] = std::move(direct)).get();
  }

  std::shared_ptr<BackgroundReader> reader_ = std::make_shared<BackgroundReader>();
  std::map<const ByteSource*, std::shared_ptr<const ByteSource>> direct_;  // of those in files
  std::unique_ptr<LayerStream> layers_;
  std::unique_ptr<ExpertCache> experts_;  // where any layer has such
};

}  // namespace

Result<std::unique_ptr<WeightStore>> make_host_weights(const WeightPlan& plan) {
  if (plan.memory_limit == 0) return std::unique_ptr<WeightStore>(new ResidentWeights(plan));
  if (plan.mapped && !plan.in_file) {
    return Error{ErrorCode::kInvalidArgument,
                 fmt::format("{}: a memory limit is only for models that are loaded from a file or a read "
                             "function; this one is in memory already",
                             plan.name)};
  }
  HEARTH_ASSIGN(auto experts, make_expert_cache(plan));
  HEARTH_ASSIGN(auto layers, LayerStream::create(bytes_without_experts(plan), budget_without_experts(plan),
                                                 plan.in_file || plan.reads_ahead));
  return std::unique_ptr<WeightStore>(new StreamedWeights(plan, std::move(layers), std::move(experts)));
}

}  // namespace hearth
