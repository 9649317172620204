#include "engine/compute/weights/device_weights.h"

#include <fmt/format.h>

#include <algorithm>
#include <numeric>

#include "engine/compute/backend.h"

namespace hearth {
namespace {

/// What is copied at once: enough that a copy's own cost does not count, and little beside any model.
constexpr uint64_t kPieceBytes = 16 << 20;

class DeviceWeights final : public WeightStore {
 public:
  DeviceWeights(Backend& backend, const WeightPlan& plan)
      : backend_(backend), layer_count_(static_cast<int32_t>(plan.layer_bytes.size())) {}
  ~DeviceWeights() override {
    for (const Buffer& buffer : buffers_) backend_.release(buffer);
  }

  Result<Buffer> place(const StoredTensor& tensor, int32_t /*layer*/) override {
    HEARTH_ASSIGN(const Buffer buffer, allocate(tensor.bytes));
    std::vector<std::byte> piece;
    for (uint64_t done = 0; done < tensor.bytes; done += piece.size()) {
      piece.resize(static_cast<size_t>(std::min(kPieceBytes, tensor.bytes - done)));
      HEARTH_TRY(tensor.source.read(tensor.offset + done, piece));
      backend_.write(piece, buffer.at(done));
    }
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

 private:
  Result<Buffer> allocate(uint64_t bytes) {
    HEARTH_ASSIGN(const Buffer buffer, backend_.allocate(bytes));
    buffers_.push_back(buffer);
    return buffer;
  }

  Backend& backend_;
  int32_t layer_count_;
  std::vector<Buffer> buffers_;
};

}  // namespace

Result<std::unique_ptr<WeightStore>> make_device_weights(Backend& backend, const WeightPlan& plan) {
  const uint64_t needed =
      std::accumulate(plan.layer_bytes.begin(), plan.layer_bytes.end(), plan.always_bytes);
  if (plan.memory_limit > 0 && plan.memory_limit < needed) {
    return Error{ErrorCode::kOutOfMemory,
                 fmt::format("{}: a device holds all of a model's weights, {} bytes, and the memory limit is "
                             "{}; raise it or choose the device cpu",
                             plan.name, needed, plan.memory_limit)};
  }
  return std::unique_ptr<WeightStore>(new DeviceWeights(backend, plan));
}

}  // namespace hearth
