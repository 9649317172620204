// What a scheduler does when its device is lost.
#include <fmt/format.h>

#include <algorithm>
#include <memory>
#include <utility>

#include "engine/runtime/scheduler.h"

namespace hearth {

/// Has all that runs wait, and read its tokens anew on another device. `lost`, and why, where there is none.
Result<void> Scheduler::leave_device(const Error& lost) {
  const auto is_adapted = [](const auto& generation) { return generation->adapters() != nullptr; };
  if (!change_device_ || writer_ || speculator_.has_draft_model() || !adapters_.empty() ||
      std::ranges::any_of(queue_.running(), is_adapted)) {
    return lost;
  }
  while (queue_.put_back_last()) {
  }
  while (prefixes_.evict_oldest()) {
  }
  const auto move = [&](Backend& next) -> Result<void> {
    HEARTH_TRY(states_->move_to(next));
    forward_.reset();  // it has memory of the device
    device_.reset();
    return {};
  };
  bool to_cpu = std::exchange(has_lost_device_, true);
  Result<void> changed = change_device_(to_cpu, move);
  if (!changed.ok() && !to_cpu) {
    to_cpu = true;
    changed = change_device_(to_cpu, move);
  }
  if (!changed.ok()) {
    return Error{lost.code, fmt::format("{}; and the CPU could not take over: {}", lost.message,
                                        changed.error().message)};
  }
  forward_ = std::make_unique<Forward>(model_.network(), model_.weights(), *states_, options_.context_size);
  const ModelInfo& info = model_.info();
  for (const auto& generation : queue_.waiting()) {
    generation->tell({info.device, info.device_reason});
    generation->warn(fmt::format("{}: the answer goes on {}", lost.message,
                                 to_cpu ? "on the CPU" : "on a device that was opened anew"));
  }
  return {};
}

}  // namespace hearth
