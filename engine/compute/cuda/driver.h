// What Hearth calls of CUDA's driver (NVIDIA, "CUDA Driver API"), declared here, so that building needs no
// toolkit, and found when it is wanted, so that a program runs where no driver is. A Driver is a table: tests
// fill one in with a host's own functions (host/driver.h).
#pragma once

#include <cstddef>
#include <cstdint>

#include "engine/base/result.h"

namespace hearth::cuda {

// As the driver's functions take and give them.
using Status = int;
using DeviceNumber = int;
using DevicePointer = unsigned long long;
using Context = struct ContextOfDriver*;
using Stream = struct StreamOfDriver*;
using Event = struct EventOfDriver*;
using Module = struct ModuleOfDriver*;
using Function = struct FunctionOfDriver*;
using Graph = struct GraphOfDriver*;
using GraphNode = struct GraphNodeOfDriver*;
using GraphExecution = struct GraphExecutionOfDriver*;

inline constexpr Status kSuccess = 0;
inline constexpr Status kOutOfMemory = 2;
inline constexpr Status kNotReady = 600;

// Attributes of devices.
inline constexpr int kCapabilityMajor = 75;
inline constexpr int kCapabilityMinor = 76;

// Options of translating PTX: where what is wrong with it goes, and for how many bytes there is room.
inline constexpr int kErrorLog = 5;
inline constexpr int kErrorLogBytes = 6;

inline constexpr unsigned kStreamNonBlocking = 1;  // waits for nothing that others do with the device
inline constexpr unsigned kEventDisableTiming = 2;
inline constexpr unsigned kEventDefault = 0;

/// A kernel in a graph.
struct KernelNode {
  Function function;
  unsigned groups_x, groups_y, groups_z;
  unsigned threads_x, threads_y, threads_z;
  unsigned shared_bytes;
  void** arguments;  // pointers to each; copied
  void** extra;
};

// Each with the name that the driver exports, which says which version of a function it is.
// clang-format off
#define HEARTH_CUDA_FUNCTIONS(call)                                                                     \
  call(cuInit, (unsigned flags))                                                                        \
  call(cuDriverGetVersion, (int* version))                                                              \
  call(cuGetErrorName, (Status status, const char** name))                                              \
  call(cuDeviceGetCount, (int* count))                                                                  \
  call(cuDeviceGet, (DeviceNumber* device, int ordinal))                                                \
  call(cuDeviceGetName, (char* name, int bytes, DeviceNumber device))                                   \
  call(cuDeviceGetAttribute, (int* value, int attribute, DeviceNumber device))                          \
  call(cuCtxCreate_v2, (Context* context, unsigned flags, DeviceNumber device))                         \
  call(cuCtxDestroy_v2, (Context context))                                                              \
  call(cuCtxSetCurrent, (Context context))                                                              \
  call(cuMemGetInfo_v2, (size_t* free_bytes, size_t* bytes))                                            \
  call(cuMemAlloc_v2, (DevicePointer* memory, size_t bytes))                                            \
  call(cuMemFree_v2, (DevicePointer memory))                                                            \
  call(cuMemAllocHost_v2, (void** memory, size_t bytes))                                                \
  call(cuMemFreeHost, (void* memory))                                                                   \
  call(cuMemcpyHtoDAsync_v2, (DevicePointer to, const void* from, size_t bytes, Stream stream))         \
  call(cuMemcpyDtoHAsync_v2, (void* to, DevicePointer from, size_t bytes, Stream stream))               \
  call(cuStreamCreate, (Stream* stream, unsigned flags))                                                \
  call(cuStreamDestroy_v2, (Stream stream))                                                             \
  call(cuStreamQuery, (Stream stream))                                                                  \
  call(cuStreamSynchronize, (Stream stream))                                                            \
  call(cuEventCreate, (Event* event, unsigned flags))                                                   \
  call(cuEventRecord, (Event event, Stream stream))                                                     \
  call(cuEventSynchronize, (Event event))                                                               \
  call(cuEventElapsedTime, (float* milliseconds, Event begin, Event end))                               \
  call(cuEventDestroy_v2, (Event event))                                                                \
  call(cuModuleLoadDataEx,                                                                              \
       (Module* module, const void* image, unsigned count, int* options, void** values))                \
  call(cuModuleUnload, (Module module))                                                                 \
  call(cuModuleGetFunction, (Function* function, Module module, const char* name))                      \
  call(cuLaunchKernel,                                                                                  \
       (Function function, unsigned groups_x, unsigned groups_y, unsigned groups_z, unsigned threads_x, \
        unsigned threads_y, unsigned threads_z, unsigned shared_bytes, Stream stream, void** arguments, \
        void** extra))                                                                                  \
  call(cuGraphCreate, (Graph* graph, unsigned flags))                                                   \
  call(cuGraphDestroy, (Graph graph))                                                                   \
  call(cuGraphAddKernelNode,                                                                            \
       (GraphNode* node, Graph graph, const GraphNode* behind, size_t behind_count,                     \
        const KernelNode* kernel))                                                                      \
  call(cuGraphInstantiateWithFlags, (GraphExecution* execution, Graph graph, unsigned long long flags)) \
  call(cuGraphExecKernelNodeSetParams,                                                                  \
       (GraphExecution execution, GraphNode node, const KernelNode* kernel))                            \
  call(cuGraphLaunch, (GraphExecution execution, Stream stream))                                        \
  call(cuGraphExecDestroy, (GraphExecution execution))
// clang-format on

struct Driver {
#define HEARTH_DECLARE(name, parameters) Status(*name) parameters = nullptr;
  HEARTH_CUDA_FUNCTIONS(HEARTH_DECLARE)
#undef HEARTH_DECLARE

  /// "CUDA_ERROR_OUT_OF_MEMORY".
  const char* name_of(Status status) const {
    const char* name = nullptr;
    return cuGetErrorName(status, &name) == kSuccess && name != nullptr ? name : "an unknown error";
  }
};

/// This machine's. UNSUPPORTED where it has none, or one from before CUDA 11.4.
Result<Driver> load_driver();

}  // namespace hearth::cuda
