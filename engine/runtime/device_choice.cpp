#include "engine/runtime/device_choice.h"

#include <fmt/format.h>

#include <algorithm>
#include <string_view>
#include <utility>

#include "engine/compute/device_speed.h"
#include "engine/compute/devices.h"
#include "engine/compute/mixed/mixed_backend.h"
#include "engine/compute/weights/device_weights.h"
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

/// What a device needs for a network's last layers, with all that is outside of layers; but only if it
/// computes all of them, with the tables that the first one's input is looked up in.
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
  WeightPlan weights(int32_t last_layers) const { return plan_from_layer(weights_, layers() - last_layers); }

  /// All of it.
  uint64_t bytes(int32_t last_layers) const {
    uint64_t bytes = bytes_beside_layers(last_layers);
    for (auto layer = weights_.layer_bytes.end() - last_layers; layer != weights_.layer_bytes.end(); ++layer)
      bytes += *layer;
    return bytes;
  }
  /// Without the layers' weights.
  uint64_t bytes_beside_layers(int32_t last_layers) const {
    const int32_t first = layers() - last_layers;
    uint64_t bytes = kOtherBytes + activations_ + weights_.always_bytes + state_bytes(last_layers);
    return first > 0 ? bytes - weights_.looked_up_bytes : bytes;
  }
  /// Of keys and values and other states.
  uint64_t state_bytes(int32_t last_layers) const {
    uint64_t bytes = 0;
    for (const StatePart& part : states_) {
      if (part.layers.last >= layers() - last_layers) bytes += part.bytes;
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

/// What the device computes.
struct Share {
  int32_t layers = 0;       // the last ones
  uint64_t layer_room = 0;  // ChosenDevice's
};

/// Layers that all stay on the device.
Result<Share> share_of(const DeviceNeed& need, uint64_t room, int32_t asked_for) {
  const auto fits = [&](int32_t layers) { return room == 0 || need.bytes(layers) <= room; };
  int32_t most = need.layers();
  while (most > 0 && !fits(most)) --most;
  if (most == 0) {
    return Error{
        ErrorCode::kOutOfMemory,
        fmt::format("a GPU needs {} bytes for one layer of the model and what comes behind it, {} of "
                    "them for keys and values, and may take {}; raise gpuMemory, use a smaller "
                    "contextSize, or the device cpu",
                    need.bytes(1), need.state_bytes(1), room)};
  }
  if (asked_for < 0) return Share{most};
  const int32_t share = std::min(asked_for, need.layers());
  if (share <= most) return Share{share};
  return Error{ErrorCode::kOutOfMemory,
               fmt::format("gpuLayers: {} layers need {} bytes of a GPU's memory, which may take {}: {} is "
                           "the most that fits; with gpuStreaming the others are copied to it in every step",
                           share, need.bytes(share), room, most)};
}

/// All layers, or as many as are asked for: those that do not fit beside the others are streamed.
Result<Share> streamed_share(const DeviceNeed& need, uint64_t room, int32_t asked_for) {
  if (room == 0) {
    return Error{ErrorCode::kInvalidArgument,
                 "gpuStreaming: this GPU does not say how much memory it has; give gpuMemory"};
  }
  const int32_t layers = asked_for < 0 ? need.layers() : std::min(asked_for, need.layers());
  if (need.bytes(layers) <= room) return Share{layers};
  const uint64_t beside = need.bytes_beside_layers(layers);
  const uint64_t place = place_bytes(need.weights(layers));
  // Matrices that are multiplied together are moved together once, and lie in both places meanwhile: where
  // there is room, so much is left for that.
  if (beside + place <= room) return Share{layers, std::max(place, room - beside - place)};
  return Error{
      ErrorCode::kOutOfMemory,
      fmt::format("gpuStreaming: a GPU needs {} bytes for the layer that is computed and {} for what is "
                  "always there, {} of them for keys and values, and may take {}; raise gpuMemory, "
                  "use a smaller contextSize or maxBatchRows, or the device cpu",
                  place, beside, need.state_bytes(layers), room)};
}

/// Why not all layers are the device's, or not all of its stay there.
std::string reason_for(const DeviceNeed& need, uint64_t room, const Share& share,
                       const LoadOptions& options) {
  if (share.layer_room > 0) {
    WeightPlan weights = need.weights(share.layers);
    weights.layer_room = share.layer_room;
    return fmt::format(
        "{} of {} layers stay in the {} bytes that may be taken of the GPU's memory, and the "
        "others are copied to it in every step; all need {}",
        std::ranges::count(layers_that_stay(weights), true), share.layers, room, need.bytes(share.layers));
  }
  if (share.layers == need.layers() || options.gpu_layers >= 0) return {};
  return fmt::format("{} of {} layers fit the {} bytes that may be taken of the GPU's memory; all need {}",
                     share.layers, need.layers(), room, need.bytes(need.layers()));
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
  const auto choose_share = options.gpu_streaming ? streamed_share : share_of;
  HEARTH_ASSIGN(const Share share, choose_share(need, room, options.gpu_layers));
  if (options.device == kAuto) HEARTH_TRY(check_worth(*device, options));
  ChosenDevice chosen{std::move(device), share.layer_room, reason_for(need, room, share, options)};
  if (share.layers == need.layers()) return chosen;
  HEARTH_ASSIGN(auto cpu, make_cpu(options));
  chosen.backend =
      make_mixed_backend(std::move(cpu), std::move(chosen.backend), need.layers() - share.layers);
  return chosen;
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
    return ChosenDevice{.backend = std::move(cpu), .reason = chosen.error().message};
  }
  HEARTH_ASSIGN(auto cpu, make_cpu(options));
  return ChosenDevice{.backend = std::move(cpu), .reason = ""};
}

}  // namespace hearth
