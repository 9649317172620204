// What computes a model: the device that was asked for, and where a GPU's memory does not hold all of the
// model, that for its last layers and the CPU for those before them.
#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "engine/base/result.h"
#include "engine/compute/backend.h"
#include "engine/compute/gpu/runner.h"
#include "engine/format/model_file.h"
#include "engine/model/spec.h"
#include "engine/options/load_options.h"

namespace hearth {

struct ChosenDevice {
  std::unique_ptr<Backend> backend;
  uint64_t layer_room = 0;  // of a GPU's memory, for its layers' weights; 0: for all of them
  std::string reason;  // why the CPU computes, or some layers, or why layers are copied to the GPU in every
                       // step; empty: it holds all that it might
};

/// Decided before any weight is read. The device 'auto' is the GPU where there is one that is no driver on
/// the processor, has room for a layer, and multiplies with matrices faster than the CPU does when both are
/// tried; else the CPU. Sets what plan_network sets. As make_backend; INVALID_MODEL; OUT_OF_MEMORY where
/// nothing, or not what was asked for, fits the GPU. `gpu` is what the caller brings as one, if anything.
Result<ChosenDevice> choose_device(const ModelFile& file, ModelSpec& spec, const LoadOptions& options,
                                   const gpu::MakeRunner& gpu = nullptr);

}  // namespace hearth
