#include "engine/compute/weights/device_weights.h"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <numeric>
#include <utility>

#include "engine/compute/backend.h"
#include "engine/compute/weights/kept_layers.h"

namespace hearth {
namespace {

/// What is copied at once: enough that a copy's own cost does not count, and little beside any model.
constexpr uint64_t kPieceBytes = 16 << 20;

/// Behind the operations so far.
Result<void> copy_to(Backend& backend, const StoredTensor& tensor, Buffer to) {
  const std::span<const std::byte> mapped = tensor.source.mapped();
  std::vector<std::byte> read;
  for (uint64_t done = 0; done < tensor.bytes; done += kPieceBytes) {
    const uint64_t offset = tensor.offset + done;
    const uint64_t bytes = std::min(kPieceBytes, tensor.bytes - done);
    if (mapped.empty()) {
      read.resize(static_cast<size_t>(bytes));
      HEARTH_TRY(tensor.source.read(offset, read));
      backend.write(read, to.at(done));
    } else {
      backend.write(mapped.subspan(offset, bytes), to.at(done));
    }
  }
  return {};
}

/// The place has a piece for each tensor of a layer, in their order, which the largest of them fits: layers
/// of one kind, as most networks have, leave next to nothing of it free.
std::vector<uint64_t> pieces_of_place(const std::vector<std::vector<uint64_t>>& layers) {
  std::vector<uint64_t> pieces;
  for (const std::vector<uint64_t>& tensors : layers) {
    pieces.resize(std::max(pieces.size(), tensors.size()));
    for (size_t i = 0; i < tensors.size(); ++i) pieces[i] = std::max(pieces[i], tensors[i]);
  }
  return pieces;
}

/// All of it, for good.
class DeviceWeights : public WeightStore {
 public:
  DeviceWeights(Backend& backend, const WeightPlan& plan, AllocateTensor allocate)
      : backend_(backend),
        allocate_(std::move(allocate)),
        layer_count_(static_cast<int32_t>(plan.layer_bytes.size())) {}
  ~DeviceWeights() override {
    for (const Buffer& buffer : buffers_) backend_.release(buffer);
  }

  Result<Buffer> place(const StoredTensor& tensor, int32_t /*layer*/) override {
    HEARTH_ASSIGN(const Buffer buffer, allocate(tensor.bytes, tensor.undivided));
    HEARTH_TRY(copy_to(backend_, tensor, buffer));
    return buffer;
  }

  Result<Buffer> keep(std::span<const float> values) override {
    HEARTH_ASSIGN(const Buffer buffer, allocate(values.size_bytes()));
    backend_.write(std::as_bytes(values), buffer);
    return buffer;
  }

  WeightStatistics statistics() const override {
    WeightStatistics all;
    all.layers_resident = layer_count_;
    return all;
  }

 protected:
  Result<void> acquire(int32_t /*layer*/) override { return {}; }
  void release(int32_t /*layer*/) override {}

  Backend& backend() { return backend_; }
  Result<Buffer> allocate(uint64_t bytes, uint64_t undivided = 0) {
    HEARTH_ASSIGN(const Buffer buffer, allocate_ ? allocate_(bytes, undivided) : backend_.allocate(bytes));
    buffers_.push_back(buffer);
    return buffer;
  }

 private:
  Backend& backend_;
  AllocateTensor allocate_;
  int32_t layer_count_;
  std::vector<Buffer> buffers_;
};

/// Layers that do not stay take turns in one place.
class DeviceWeightsByTurns final : public DeviceWeights {
 public:
  DeviceWeightsByTurns(Backend& backend, const WeightPlan& plan, AllocateTensor allocate)
      : DeviceWeights(backend, plan, std::move(allocate)),
        stays_(layers_that_stay(plan)),
        layers_(stays_.size()) {
    statistics_.layers_resident = static_cast<int32_t>(std::ranges::count(stays_, true));
  }

  Result<void> allocate_place(const WeightPlan& plan) {
    for (const uint64_t bytes : pieces_of_place(plan.tensor_bytes)) {
      HEARTH_ASSIGN(const Buffer piece, allocate(bytes));
      place_.push_back(piece);
    }
    return {};
  }

  Result<Buffer> place(const StoredTensor& tensor, int32_t layer) override {
    if (layer == kNoLayer || stays_[static_cast<size_t>(layer)]) return DeviceWeights::place(tensor, layer);
    std::vector<StoredTensor>& tensors = layers_[static_cast<size_t>(layer)];
    tensors.push_back(tensor);
    return place_[tensors.size() - 1];
  }

  WeightStatistics statistics() const override { return statistics_; }

 protected:
  Result<void> acquire(int32_t layer) override {
    if (stays_[static_cast<size_t>(layer)] || layer == in_place_) return {};
    const auto start = std::chrono::steady_clock::now();
    in_place_ = kNoLayer;
    const std::vector<StoredTensor>& tensors = layers_[static_cast<size_t>(layer)];
    for (size_t i = 0; i < tensors.size(); ++i) {
      HEARTH_TRY(copy_to(backend(), tensors[i], place_[i]));
      statistics_.bytes_read += tensors[i].bytes;
    }
    in_place_ = layer;
    const std::chrono::duration<double, std::milli> took = std::chrono::steady_clock::now() - start;
    statistics_.wait_ms += took.count();
    return {};
  }

 private:
  std::vector<bool> stays_;
  std::vector<std::vector<StoredTensor>> layers_;  // those that do not stay
  std::vector<Buffer> place_;
  int32_t in_place_ = kNoLayer;
  WeightStatistics statistics_;
};

}  // namespace

WeightPlan plan_from_layer(WeightPlan plan, int32_t first) {
  if (first == 0) return plan;
  const auto drop = [first](auto& of_layers) {
    const auto count = std::min<ptrdiff_t>(first, std::ssize(of_layers));
    of_layers.erase(of_layers.begin(), of_layers.begin() + count);
  };
  drop(plan.layer_bytes);
  drop(plan.tensor_bytes);
  drop(plan.experts);
  plan.always_bytes -= plan.looked_up_bytes;
  plan.looked_up_bytes = 0;
  return plan;
}

uint64_t place_bytes(const WeightPlan& plan) {
  const std::vector<uint64_t> pieces = pieces_of_place(plan.tensor_bytes);
  return std::accumulate(pieces.begin(), pieces.end(), uint64_t{0});
}

std::vector<bool> layers_that_stay(const WeightPlan& plan) {
  return layers_to_keep(plan.layer_bytes, plan.layer_room, place_bytes(plan));
}

Result<std::unique_ptr<WeightStore>> make_device_weights(Backend& backend, const WeightPlan& plan,
                                                         AllocateTensor allocate) {
  if (plan.layer_room == 0)
    return std::unique_ptr<WeightStore>(new DeviceWeights(backend, plan, std::move(allocate)));
  const uint64_t place = place_bytes(plan);
  if (plan.layer_room < place) {
    return Error{
        ErrorCode::kOutOfMemory,
        fmt::format("{}: layers have {} bytes of a device's memory, and one that comes and goes needs {}",
                    plan.name, plan.layer_room, place)};
  }
  auto store = std::make_unique<DeviceWeightsByTurns>(backend, plan, std::move(allocate));
  HEARTH_TRY(store->allocate_place(plan));
  return std::unique_ptr<WeightStore>(std::move(store));
}

}  // namespace hearth
