// What JavaScript says of the GPU that it brings (GpuProperties of packages/gpu), as the engine takes it: the
// same for Node.js and WebAssembly.
#pragma once

#include <cstdint>
#include <string>

#include "engine/hearth_gpu.h"

namespace hearth {

/// `number` gives what a name stands for, 0 and 1 for false and true. Points at `name` and `driver`.
template <typename Number>
hearth_gpu_properties gpu_properties(const std::string& name, const std::string& driver,
                                     const Number& number) {
  const auto bytes = [&](const char* key) { return static_cast<uint64_t>(number(key)); };
  const auto word = [&](const char* key) { return static_cast<uint32_t>(number(key)); };
  const auto flag = [&](const char* key) { return number(key) != 0 ? 1 : 0; };
  hearth_gpu_properties properties{};
  properties.struct_size = sizeof properties;
  properties.name = name.c_str();
  properties.driver = driver.c_str();
  properties.block_bytes = bytes("blockBytes");
  properties.binding_bytes = bytes("bindingBytes");
  properties.binding_alignment = word("bindingAlignment");
  properties.storage_bindings = word("storageBindings");
  properties.groups = word("groups");
  properties.group_threads = word("groupThreads");
  properties.group_memory_bytes = word("groupMemoryBytes");
  properties.subgroup_threads = word("subgroupThreads");
  properties.half = flag("half");
  properties.subgroups = flag("subgroups");
  properties.packed_dot = flag("packedDot");
  properties.software = flag("software");
  return properties;
}

}  // namespace hearth
