// Hands lists of commands to the driver: kernel by kernel at first, and as a graph, in one call, when a list
// of the same shape comes again, as every token's does. Of a graph only the kernels are told anew whose
// parameters differ.
#pragma once

#include <cstdint>
#include <functional>
#include <list>
#include <string_view>
#include <vector>

#include "engine/compute/cuda/clock.h"
#include "engine/compute/cuda/driver.h"
#include "engine/compute/gpu/runner.h"

namespace hearth::cuda {

/// A kernel as the driver has it.
struct LoadedKernel {
  std::string_view name;
  Module module = nullptr;
  Function function = nullptr;
  uint32_t threads = 0;
};

/// What kernels and bindings of lists stand for.
struct DeviceView {
  std::function<const LoadedKernel&(gpu::KernelId)> kernel;
  std::function<DevicePointer(gpu::BlockId)> block;  // null where that is 0
  DevicePointer data = 0;                            // the step's
};

class Launches {
 public:
  Launches(const Driver& driver, Stream stream) : driver_(driver), stream_(stream) {}
  ~Launches() { forget(); }
  Launches(const Launches&) = delete;
  Launches& operator=(const Launches&) = delete;

  Status launch(const gpu::CommandList& list, const DeviceView& view);
  /// Kernel by kernel, each of which the clock is told.
  Status launch_by(Clock& clock, const gpu::CommandList& list, const DeviceView& view);
  /// To be called when the step's data lie elsewhere from now on.
  void forget();

 private:
  /// A list without its data, and the graph that it became.
  struct Replay {
    std::vector<gpu::Command> commands;
    std::vector<gpu::Binding> bindings;
    std::vector<uint32_t> parameters;
    std::vector<GraphNode> nodes;  // of the graph, by which those of its execution are named
    Graph graph = nullptr;
    GraphExecution execution = nullptr;
  };
  /// One kernel's launch; pointers into itself and into the list.
  struct Launch {
    KernelNode node;
    DevicePointer data;
    std::vector<DevicePointer> memories;
    std::vector<void*> arguments;
  };

  static bool is_like(const Replay& replay, const gpu::CommandList& list);
  void prepare(const gpu::CommandList& list, size_t n, const DeviceView& view);
  Status launch_one(const gpu::CommandList& list, size_t n, const DeviceView& view);
  Status launch_each(const gpu::CommandList& list, const DeviceView& view);
  Status make_graph(const gpu::CommandList& list, const DeviceView& view, Replay& replay);
  Status update(const gpu::CommandList& list, const DeviceView& view, Replay& replay);
  void destroy(Replay& replay);

  const Driver& driver_;
  Stream stream_;
  Launch launch_;
  std::list<Replay> replays_;  // the one used last comes first
};

}  // namespace hearth::cuda
