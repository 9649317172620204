// Blocks of memory that begin at a cache line and may fail to be had.
#pragma once

#include <cstddef>
#include <cstdint>

namespace hearth::cpu {

inline constexpr size_t kCacheLine = 64;

/// Null if there is not that much. Contents are undefined.
std::byte* allocate_block(uint64_t bytes);
/// The same, all zero. Pages of the system that are never touched take no memory; but WebAssembly's allocator
/// touches them all.
std::byte* allocate_zeroed_block(uint64_t bytes);
/// Takes back what either gave; null is nothing.
void release_block(std::byte* block);

}  // namespace hearth::cpu
