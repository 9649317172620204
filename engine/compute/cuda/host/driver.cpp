#include "engine/compute/cuda/host/driver.h"

#include <algorithm>
#include <array>
#include <cstdlib>
#include <cstring>
#include <deque>
#include <functional>
#include <memory>
#include <new>
#include <string_view>
#include <utility>
#include <vector>

#include "cuda_host_kernels.inc"
#include "engine/compute/cuda/host/threads.h"
#include "engine/compute/gpu/runner.h"

namespace hearth::cuda::host {
namespace {

constexpr Status kInvalidValue = 1;
constexpr Status kNotFound = 500;

/// One launch, with arguments of its own.
struct Launch {
  const HostKernel* kernel = nullptr;
  std::array<uint32_t, 3> groups{};
  std::array<std::byte, gpu::CommandList::kParameterBytes> parameters{};
  std::vector<DevicePointer> pointers;

  void run();
};

struct PlayedStream {
  std::deque<std::function<void()>> work;

  void run_all() {
    for (; !work.empty(); work.pop_front()) work.front()();
  }
};
// What the driver's handles stand for.
using PlayedModule = std::string_view;
using PlayedGraph = std::vector<std::unique_ptr<Launch>>;
struct PlayedExecution {
  std::vector<std::pair<const Launch*, Launch>> launches;  // with the nodes that they come of
};

PlayedStream& played(Stream stream) { return *reinterpret_cast<PlayedStream*>(stream); }
std::byte* memory_at(DevicePointer at) { return reinterpret_cast<std::byte*>(at); }

void Launch::run() {
  std::vector<void*> arguments{parameters.data()};
  for (DevicePointer& pointer : pointers) arguments.push_back(&pointer);
  for (uint32_t z = 0; z < groups[2]; ++z) {
    for (uint32_t y = 0; y < groups[1]; ++y) {
      for (uint32_t x = 0; x < groups[0]; ++x) {
        begin_group({x, y, z}, groups);
        kernel->run_group(arguments.data());
      }
    }
  }
}

Launch launch_of(const KernelNode& node) {
  const auto* const kernel = reinterpret_cast<const HostKernel*>(node.function);
  Launch launch{kernel, {node.groups_x, node.groups_y, node.groups_z}, {}, {}};
  std::memcpy(launch.parameters.data(), node.arguments[0], kernel->parameter_bytes);
  for (uint32_t i = 0; i < kernel->pointers; ++i) {
    launch.pointers.push_back(*static_cast<DevicePointer*>(node.arguments[1 + i]));
  }
  return launch;
}

/// The streams that there are: memory is given back when all are done with it.
std::vector<PlayedStream*>& streams() {
  static std::vector<PlayedStream*> all;
  return all;
}

void play_devices(Driver& driver) {
  driver.cuInit = [](unsigned) { return kSuccess; };
  driver.cuDriverGetVersion = [](int* version) { return *version = 12000, kSuccess; };
  driver.cuGetErrorName = [](Status, const char** name) { return *name = "a host's error", kSuccess; };
  driver.cuDeviceGetCount = [](int* count) { return *count = 1, kSuccess; };
  driver.cuDeviceGet = [](DeviceNumber* device, int) { return *device = 0, kSuccess; };
  driver.cuDeviceGetName = [](char* name, int bytes, DeviceNumber) {
    std::strncpy(name, "this host", static_cast<size_t>(bytes));
    return kSuccess;
  };
  driver.cuDeviceGetAttribute = [](int* value, int attribute, DeviceNumber) {
    return *value = attribute == kCapabilityMajor ? 8 : 0, kSuccess;
  };
  driver.cuCtxCreate_v2 = [](Context* context, unsigned, DeviceNumber) {
    static int any = 0;
    return *context = reinterpret_cast<Context>(&any), kSuccess;
  };
  driver.cuCtxDestroy_v2 = [](Context) { return kSuccess; };
  driver.cuCtxSetCurrent = [](Context) { return kSuccess; };
}

void play_memory(Driver& driver) {
  driver.cuMemGetInfo_v2 = [](size_t* free_bytes, size_t* bytes) {
    return *free_bytes = *bytes = size_t{1} << 40, kSuccess;
  };
  driver.cuMemAllocHost_v2 = [](void** memory, size_t bytes) {
    *memory = std::malloc(bytes);
    return *memory == nullptr ? kOutOfMemory : kSuccess;
  };
  driver.cuMemFreeHost = [](void* memory) { return std::free(memory), kSuccess; };
  driver.cuMemAlloc_v2 = [](DevicePointer* memory, size_t bytes) {
    void* const own = ::operator new (bytes, std::align_val_t{256}, std::nothrow);
    if (own == nullptr) return kOutOfMemory;
    std::memset(own, kPoison, bytes);
    *memory = reinterpret_cast<DevicePointer>(own);
    return kSuccess;
  };
  driver.cuMemFree_v2 = [](DevicePointer memory) {
    for (PlayedStream* const stream : streams()) stream->run_all();
    ::operator delete (memory_at(memory), std::align_val_t{256});
    return kSuccess;
  };
  driver.cuMemcpyHtoDAsync_v2 = [](DevicePointer to, const void* from, size_t bytes, Stream stream) {
    played(stream).work.emplace_back([=] { std::memcpy(memory_at(to), from, bytes); });
    return kSuccess;
  };
  driver.cuMemcpyDtoHAsync_v2 = [](void* to, DevicePointer from, size_t bytes, Stream stream) {
    played(stream).work.emplace_back([=] { std::memcpy(to, memory_at(from), bytes); });
    return kSuccess;
  };
}

void play_streams(Driver& driver) {
  driver.cuStreamCreate = [](Stream* stream, unsigned) {
    streams().push_back(new PlayedStream);
    return *stream = reinterpret_cast<Stream>(streams().back()), kSuccess;
  };
  driver.cuStreamDestroy_v2 = [](Stream stream) {
    std::erase(streams(), &played(stream));
    delete &played(stream);
    return kSuccess;
  };
  driver.cuStreamQuery = [](Stream stream) {
    const bool done = played(stream).work.empty();
    played(stream).run_all();
    return done ? kSuccess : kNotReady;
  };
  driver.cuStreamSynchronize = [](Stream stream) { return played(stream).run_all(), kSuccess; };
  driver.cuEventCreate = [](Event* event, unsigned) {
    return *event = reinterpret_cast<Event>(new Stream{}), kSuccess;
  };
  driver.cuEventRecord = [](Event event, Stream stream) {
    return *reinterpret_cast<Stream*>(event) = stream, kSuccess;
  };
  driver.cuEventSynchronize = [](Event event) {
    if (const Stream stream = *reinterpret_cast<Stream*>(event); stream != nullptr) played(stream).run_all();
    return kSuccess;
  };
  driver.cuEventElapsedTime = [](float* milliseconds, Event, Event) {
    return *milliseconds = 1.0F, kSuccess;
  };
  driver.cuEventDestroy_v2 = [](Event event) { return delete reinterpret_cast<Stream*>(event), kSuccess; };
}

void play_kernels(Driver& driver) {
  driver.cuModuleLoadDataEx = [](Module* module, const void* image, unsigned, int*, void**) {
    *module = reinterpret_cast<Module>(new PlayedModule(static_cast<const char*>(image)));
    return kSuccess;
  };
  driver.cuModuleUnload = [](Module module) {
    return delete reinterpret_cast<PlayedModule*>(module), kSuccess;
  };
  driver.cuModuleGetFunction = [](Function* function, Module module, const char* name) {
    const std::string entry = std::string(".visible .entry ") + name + "(";
    if (reinterpret_cast<PlayedModule*>(module)->find(entry) == std::string_view::npos) return kNotFound;
    for (const HostKernel* kernel : kHostKernels) {
      for (; kernel->identifier != nullptr; ++kernel) {
        if (std::string_view(kernel->identifier) != name) continue;
        return *function = reinterpret_cast<Function>(const_cast<HostKernel*>(kernel)), kSuccess;
      }
    }
    return kNotFound;
  };
  driver.cuLaunchKernel = [](Function function, unsigned x, unsigned y, unsigned z, unsigned threads_x,
                             unsigned threads_y, unsigned threads_z, unsigned shared, Stream stream,
                             void** arguments, void** extra) {
    const KernelNode node{function, x, y, z, threads_x, threads_y, threads_z, shared, arguments, extra};
    played(stream).work.emplace_back([launch = launch_of(node)]() mutable { launch.run(); });
    return kSuccess;
  };
}

void play_graphs(Driver& driver) {
  driver.cuGraphCreate = [](Graph* graph, unsigned) {
    return *graph = reinterpret_cast<Graph>(new PlayedGraph), kSuccess;
  };
  driver.cuGraphDestroy = [](Graph graph) { return delete reinterpret_cast<PlayedGraph*>(graph), kSuccess; };
  driver.cuGraphAddKernelNode = [](GraphNode* node, Graph graph, const GraphNode* behind, size_t count,
                                   const KernelNode* kernel) {
    auto& launches = *reinterpret_cast<PlayedGraph*>(graph);
    // One behind the other, as they are run.
    if (launches.empty() != (count == 0)) return kInvalidValue;
    if (count > 0 && *behind != reinterpret_cast<GraphNode>(launches.back().get())) return kInvalidValue;
    launches.push_back(std::make_unique<Launch>(launch_of(*kernel)));
    return *node = reinterpret_cast<GraphNode>(launches.back().get()), kSuccess;
  };
  driver.cuGraphInstantiateWithFlags = [](GraphExecution* execution, Graph graph, unsigned long long) {
    auto* const played_execution = new PlayedExecution;
    for (const auto& launch : *reinterpret_cast<PlayedGraph*>(graph)) {
      played_execution->launches.emplace_back(launch.get(), *launch);
    }
    return *execution = reinterpret_cast<GraphExecution>(played_execution), kSuccess;
  };
  driver.cuGraphExecKernelNodeSetParams = [](GraphExecution execution, GraphNode node,
                                             const KernelNode* kernel) {
    for (auto& [of, launch] : reinterpret_cast<PlayedExecution*>(execution)->launches) {
      if (reinterpret_cast<GraphNode>(const_cast<Launch*>(of)) != node) continue;
      return launch = launch_of(*kernel), kSuccess;
    }
    return kInvalidValue;
  };
  driver.cuGraphLaunch = [](GraphExecution execution, Stream stream) {
    for (const auto& [of, launch] : reinterpret_cast<PlayedExecution*>(execution)->launches) {
      played(stream).work.emplace_back([own = launch]() mutable { own.run(); });
    }
    return kSuccess;
  };
  driver.cuGraphExecDestroy = [](GraphExecution execution) {
    return delete reinterpret_cast<PlayedExecution*>(execution), kSuccess;
  };
}

}  // namespace

const Driver& driver() {
  static const Driver playing = [] {
    Driver made;
    play_devices(made);
    play_memory(made);
    play_streams(made);
    play_kernels(made);
    play_graphs(made);
    return made;
  }();
  return playing;
}

}  // namespace hearth::cuda::host
