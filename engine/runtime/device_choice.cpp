#include "engine/runtime/device_choice.h"

#include <fmt/format.h>

#include <algorithm>
#include <string_view>
#include <utility>

#include "engine/compute/device_speed.h"
#include "engine/compute/devices.h"
#include "engine/compute/mixed/mixed_backend.h"
#include "engine/model/weights.h"
#include "engine/runtime/memory_need.h"

namespace hearth {
namespace {

constexpr std::string_view kCpu = "cpu";
constexpr std::string_view kGpu = "gpu";
constexpr std::string_view kAuto = "auto";

/// What a device takes beside what is counted: blocks that small pieces share, what is on its way.
constexpr uint64_t kOtherBytes = 8 << 20;

Result<std::unique_ptr<Backend>> make_cpu(const LoadOptions& options) {
  return make_backend({std::string(kCpu), options.threads, options.instruction_set});
}

/// What a device needs for a network's last layers.
class DeviceNeed {
 public:
  DeviceNeed(const ModelSpec& spec, const NetworkPlan& planned, const LoadOptions& options)
      : weights_(planned.weights) {
    const LoadOptions completed = complete_options(options, spec, *planned.network);
    const StatePlan& states = planned.network->states();
    states_ = states.kv_parts(completed.cache_positions, completed.kv_type);
    // As StateStore has them: one more stands for a sequence that has read nothing.
    const uint64_t slots = 2 * static_cast<uint64_t>(completed.max_sequences) + 1;
    for (StatePart part : states.slot_parts()) {
      part.bytes *= slots;
      states_.push_back(part);
    }
    activations_ = memory_need(spec, 0, options).activations;
  }

  int32_t layers() const { return static_cast<int32_t>(weights_.layer_bytes.size()); }
  /// With all that is outside of layers; but only if it computes all of them, with the tables that the first
  /// one's input is looked up in.
  uint64_t bytes(int32_t last_layers) const {
    const int32_t first = layers() - last_layers;
    uint64_t bytes = kOtherBytes + activations_ + weights_.always_bytes;
    if (first > 0) bytes -= weights_.looked_up_bytes;
    for (auto layer = weights_.layer_bytes.begin() + first; layer != weights_.layer_bytes.end(); ++layer) {
      bytes += *layer;
    }
    for (const StatePart& part : states_) {
      if (part.layers.last >= first) bytes += part.bytes;
    }
    return bytes;
  }

 private:
  const WeightPlan& weights_;
  std::vector<StatePart> states_;
  uint64_t activations_ = 0;
};

/// Bytes of the device's memory that the model may take; 0: not known, or any number.
uint64_t room_of(const Backend& device, const LoadOptions& options) {
  if (options.gpu_memory > 0) return options.gpu_memory;
  // Of all there is, some is the driver's and the screen's.
  return device.capacity().memory_bytes / 10 * 9;
}

/// How many layers the device computes.
Result<int32_t> share_of(const DeviceNeed& need, uint64_t room, int32_t asked_for) {
  const auto fits = [&](int32_t layers) { return room == 0 || need.bytes(layers) <= room; };
  int32_t most = need.layers();
  while (most > 0 && !fits(most)) --most;
  if (most == 0) {
    return Error{ErrorCode::kOutOfMemory,
                 fmt::format("a GPU needs {} bytes for one layer of the model and what comes behind it, and "
                             "may take {}; raise gpuMemory, use a smaller contextSize, or the device cpu",
                             need.bytes(1), room)};
  }
  if (asked_for < 0) return most;
  const int32_t share = std::min(asked_for, need.layers());
  if (share <= most) return share;
  return Error{ErrorCode::kOutOfMemory,
               fmt::format("gpuLayers: {} layers need {} bytes of a GPU's memory, which may take {}: {} is "
                           "the most that fits",
                           share, need.bytes(share), room, most)};
}

/// UNSUPPORTED, saying why, where the CPU is the better choice.
Result<void> check_worth(Backend& gpu, const LoadOptions& options) {
  if (gpu.capacity().is_emulated) {
    return Error{ErrorCode::kUnsupported,
                 fmt::format("{} is a driver that computes on the processor, which the CPU does itself",
                             gpu.description())};
  }
  HEARTH_ASSIGN(const auto cpu, make_cpu(options));
  HEARTH_ASSIGN(const double of_gpu, weight_bytes_per_second(gpu));
  HEARTH_ASSIGN(const double of_cpu, weight_bytes_per_second(*cpu));
  if (of_gpu > of_cpu) return {};
  return Error{ErrorCode::kUnsupported,
               fmt::format("{} multiplies with {:.1f} GB of weights a second, and the CPU with {:.1f}",
                           gpu.description(), of_gpu / 1e9, of_cpu / 1e9)};
}

/// The device for as many layers as fit it and are asked for, beside the CPU for the others.
Result<ChosenDevice> choose_beside_cpu(std::string_view name, const ModelFile& file, ModelSpec& spec,
                                       const LoadOptions& options, const gpu::MakeRunner& gpu) {
  HEARTH_ASSIGN(
      auto device,
      make_backend({.device = std::string(name), .make_gpu_runner = gpu, .gpu_memory = options.gpu_memory}));
  HEARTH_ASSIGN(const NetworkPlan planned, plan_network(file, spec));
  const DeviceNeed need(spec, planned, options);
  const uint64_t room = room_of(*device, options);
  HEARTH_ASSIGN(const int32_t share, share_of(need, room, options.gpu_layers));
  if (options.device == kAuto) HEARTH_TRY(check_worth(*device, options));
  if (share == need.layers()) return ChosenDevice{std::move(device), ""};
  HEARTH_ASSIGN(auto cpu, make_cpu(options));
  std::string reason;
  if (options.gpu_layers < 0) {
    reason =
        fmt::format("{} of {} layers fit the {} bytes that may be taken of the GPU's memory; all need {}",
                    share, need.layers(), room, need.bytes(need.layers()));
  }
  return ChosenDevice{make_mixed_backend(std::move(cpu), std::move(device), need.layers() - share),
                      std::move(reason)};
}

}  // namespace

Result<ChosenDevice> choose_device(const ModelFile& file, ModelSpec& spec, const LoadOptions& options,
                                   const gpu::MakeRunner& gpu) {
  const bool chooses = options.device == kAuto;
  if (chooses || (options.device != kCpu && !options.device.empty())) {
    Result<ChosenDevice> chosen =
        choose_beside_cpu(chooses ? kGpu : std::string_view(options.device), file, spec, options, gpu);
    if (!chooses || chosen.ok() || chosen.error().code == ErrorCode::kInvalidModel) return chosen;
    HEARTH_ASSIGN(auto cpu, make_cpu(options));
    return ChosenDevice{std::move(cpu), chosen.error().message};
  }
  HEARTH_ASSIGN(auto cpu, make_cpu(options));
  return ChosenDevice{std::move(cpu), ""};
}

}  // namespace hearth
