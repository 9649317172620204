#include "engine/compute/cuda/launches.h"

#include <algorithm>
#include <iterator>

namespace hearth::cuda {
namespace {

using gpu::Binding;
using gpu::Command;
using gpu::CommandList;

/// Lists that are remembered: of a decode with and without more tokens than one, of a prompt's pieces.
constexpr size_t kReplays = 8;
/// Where as many kernels or fewer are launched, a graph saves nothing.
constexpr size_t kFewCommands = 4;

constexpr size_t kParameterWords = CommandList::kParameterBytes / sizeof(uint32_t);

}  // namespace

bool Launches::is_like(const Replay& replay, const CommandList& list) {
  return replay.commands == list.commands && replay.bindings == list.bindings;
}

void Launches::forget() {
  for (Replay& replay : replays_) destroy(replay);
  replays_.clear();
}

void Launches::destroy(Replay& replay) {
  // It may be under way, and whether it may go then is nowhere told.
  if (replay.execution != nullptr) driver_.cuStreamSynchronize(stream_);
  if (replay.execution != nullptr) driver_.cuGraphExecDestroy(replay.execution);
  if (replay.graph != nullptr) driver_.cuGraphDestroy(replay.graph);
}

/// launch_ becomes what the n-th command asks for.
void Launches::prepare(const CommandList& list, size_t n, const DeviceView& view) {
  const Command& command = list.commands[n];
  const LoadedKernel& kernel = view.kernel(command.kernel);
  launch_.data = view.data;
  launch_.memories.clear();
  for (uint32_t i = 0; i < command.binding_count; ++i) {
    const Binding& binding = list.bindings[command.first_binding + i];
    launch_.memories.push_back(view.block(binding.block) + binding.offset);
  }
  launch_.arguments.clear();
  launch_.arguments.push_back(const_cast<uint32_t*>(list.parameters.data() + n * kParameterWords));
  launch_.arguments.push_back(&launch_.data);
  for (DevicePointer& memory : launch_.memories) launch_.arguments.push_back(&memory);
  const auto& [x, y, z] = command.groups;
  launch_.node = {kernel.function, x, y, z, kernel.threads, 1, 1, 0, launch_.arguments.data(), nullptr};
}

Status Launches::launch(const CommandList& list, const DeviceView& view) {
  if (list.commands.size() <= kFewCommands) return launch_each(list, view);
  const auto found =
      std::ranges::find_if(replays_, [&](const Replay& replay) { return is_like(replay, list); });
  if (found == replays_.end()) {
    if (replays_.size() == kReplays) {
      destroy(replays_.back());
      replays_.pop_back();
    }
    Replay& replay = replays_.emplace_front();
    replay.commands = list.commands;
    replay.bindings = list.bindings;
    return launch_each(list, view);
  }
  replays_.splice(replays_.begin(), replays_, found);
  Replay& replay = replays_.front();
  const Status status =
      replay.execution == nullptr ? make_graph(list, view, replay) : update(list, view, replay);
  return status == kSuccess ? driver_.cuGraphLaunch(replay.execution, stream_) : status;
}

Status Launches::launch_one(const CommandList& list, size_t n, const DeviceView& view) {
  prepare(list, n, view);
  const KernelNode& at = launch_.node;
  return driver_.cuLaunchKernel(at.function, at.groups_x, at.groups_y, at.groups_z, at.threads_x,
                                at.threads_y, at.threads_z, at.shared_bytes, stream_, at.arguments, at.extra);
}

Status Launches::launch_each(const CommandList& list, const DeviceView& view) {
  Status status = kSuccess;
  for (size_t n = 0; n < list.commands.size() && status == kSuccess; ++n) status = launch_one(list, n, view);
  return status;
}

Status Launches::launch_by(Clock& clock, const CommandList& list, const DeviceView& view) {
  Status status = clock.begin();
  for (size_t n = 0; n < list.commands.size() && status == kSuccess; ++n) {
    status = launch_one(list, n, view);
    if (status == kSuccess) status = clock.mark(view.kernel(list.commands[n].kernel).name);
  }
  return status;
}

Status Launches::make_graph(const CommandList& list, const DeviceView& view, Replay& replay) {
  replay.parameters = list.parameters;
  Status status = driver_.cuGraphCreate(&replay.graph, 0);
  for (size_t n = 0; n < list.commands.size() && status == kSuccess; ++n) {
    prepare(list, n, view);
    GraphNode node = nullptr;
    const GraphNode* const behind = replay.nodes.empty() ? nullptr : &replay.nodes.back();
    status = driver_.cuGraphAddKernelNode(&node, replay.graph, behind, replay.nodes.empty() ? 0 : 1,
                                          &launch_.node);
    replay.nodes.push_back(node);
  }
  return status == kSuccess ? driver_.cuGraphInstantiateWithFlags(&replay.execution, replay.graph, 0)
                            : status;
}

Status Launches::update(const CommandList& list, const DeviceView& view, Replay& replay) {
  for (size_t n = 0; n < list.commands.size(); ++n) {
    const auto first = list.parameters.begin() + static_cast<std::ptrdiff_t>(n * kParameterWords);
    const auto before = replay.parameters.begin() + static_cast<std::ptrdiff_t>(n * kParameterWords);
    if (std::equal(first, first + kParameterWords, before)) continue;
    prepare(list, n, view);
    const Status status =
        driver_.cuGraphExecKernelNodeSetParams(replay.execution, replay.nodes[n], &launch_.node);
    if (status != kSuccess) return status;
    std::copy(first, first + kParameterWords, before);
  }
  return kSuccess;
}

}  // namespace hearth::cuda
