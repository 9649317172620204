// Asking for memory before it is needed.
#pragma once

#include <cstddef>
#include <cstdint>

namespace hearth::cpu {
namespace {

/// Fetches the cache lines of `bytes` bytes from `base` + `offset` on, unless base is null. The hardware's
/// own prefetchers follow a stream only within a page of the system, and a key-value page is no longer than
/// one or two of those: without this every page would start with a wait.
inline void prefetch(const void* base, int64_t offset, int64_t bytes) {
  if (base == nullptr) return;
  const char* const from = static_cast<const char*>(base) + offset;
  for (int64_t i = 0; i < bytes; i += 64) __builtin_prefetch(from + i);
}

}  // namespace
}  // namespace hearth::cpu
