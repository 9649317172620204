// libhearth_gpu: what computes on this machine's GPU, by CUDA and Vulkan, with the kernels for both. It is
// apart from the engine for the addon's sake, whose users download kernels only where they have a use for
// them: they install @hearth/node-gpu, and the addon opens the library with dlopen.
//
// A GPU crosses over as the struct of engine/hearth_gpu.h. What is behind that belongs together, too: the
// engine asks for kernels by name and lays their parameters out. So both sides must be of one version of
// Hearth.
#pragma once

#include "engine/hearth_gpu.h"

extern "C" {

/// As hearth_version of the engine, which must be the same.
const char* hearth_gpu_version();

/// Opens this machine's GPU by "cuda" or "vulkan". UNSUPPORTED where there is none, or no driver. Any thread.
/// Where it fails, `*message` says why, until this thread's next call; else `*runner` is the caller's, to be
/// closed, and to be used by one thread at a time.
hearth_status hearth_gpu_open(const char* by, const hearth_gpu_runner** runner, const char** message);

/// Gives all back that is the GPU's, once it is done. No block of it may be read any more.
void hearth_gpu_close(const hearth_gpu_runner* runner);

}  // extern "C"
