// What a scheduler does when its device is lost: once it goes on with one like it, then with the CPU.
#include <fmt/format.h>

#include <memory>
#include <utility>

#include "engine/runtime/scheduler.h"

namespace hearth {

/// Has all that runs wait, and read its tokens anew on another device. `lost`, and why, where there is none.
Result<void> Scheduler::leave_device(const Error& lost) {
  constexpr int32_t kAgainAndCpu = 2;
  if (!change_device_ || devices_left_ >= kAgainAndCpu) return lost;
  while (queue_.put_back_last()) {
  }
  while (prefixes_.evict_oldest()) {
  }
  const auto move = [&](Backend& next) -> Result<void> {
    HEARTH_ASSIGN(const Adapters::Copies copies, adapters_.copies_on(next));
    HEARTH_TRY(states_->move_to(next));
    Adapters::move_to(copies);
    forward_.reset();  // it has memory of the device
    device_.reset();
    return {};
  };
  Result<void> changed = lost;
  while (!changed.ok() && devices_left_ < kAgainAndCpu) {
    const bool to_cpu = devices_left_++ > 0;
    changed = change_device_(to_cpu, move);
  }
  if (!changed.ok()) {
    return Error{lost.code, fmt::format("{}; and the CPU could not take over: {}", lost.message,
                                        changed.error().message)};
  }
  forward_ = std::make_unique<Forward>(model_.network(), model_.weights(), *states_, options_.context_size);
  const bool on_cpu = devices_left_ == kAgainAndCpu;
  const ModelInfo& info = model_.info();
  for (const auto& generation : queue_.waiting()) {
    generation->tell({info.device, info.device_reason});
    generation->warn(fmt::format("{}: the answer goes on {}", lost.message,
                                 on_cpu ? "on the CPU" : "on a device that was opened anew"));
  }
  return {};
}

Result<void> Scheduler::compute_alone(const std::function<Result<void>()>& compute) {
  Result<void> computed = compute();
  while (!computed.ok() && computed.error().code == ErrorCode::kDeviceLost) {
    HEARTH_TRY(leave_device(computed.error()));
    computed = compute();
  }
  return computed;
}

}  // namespace hearth
