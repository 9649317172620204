#include "engine/compute/cpu/memory.h"

#include <cstdlib>
#include <cstring>
#include <limits>

namespace hearth::cpu {
namespace {

/// `memory` holds kCacheLine bytes more than the block needs: the block begins at the first cache line that
/// leaves room before it for the address to free.
std::byte* align_block(void* memory) {
  if (memory == nullptr) return nullptr;
  auto* const start = static_cast<std::byte*>(memory);
  // malloc aligns to 8 at least, so there is room for a pointer before every multiple of 64 past it.
  const size_t past = reinterpret_cast<uintptr_t>(start) % kCacheLine;
  std::byte* const block = start + (kCacheLine - past);
  std::memcpy(block - sizeof(memory), &memory, sizeof(memory));
  return block;
}

bool is_addressable(uint64_t bytes) { return bytes <= std::numeric_limits<size_t>::max() / 2 - kCacheLine; }

}  // namespace

std::byte* allocate_block(uint64_t bytes) {
  return is_addressable(bytes) ? align_block(std::malloc(static_cast<size_t>(bytes) + kCacheLine)) : nullptr;
}

std::byte* allocate_zeroed_block(uint64_t bytes) {
  return is_addressable(bytes) ? align_block(std::calloc(static_cast<size_t>(bytes) + kCacheLine, 1))
                               : nullptr;
}

void release_block(std::byte* block) {
  if (block == nullptr) return;
  void* memory = nullptr;
  std::memcpy(&memory, block - sizeof(memory), sizeof(memory));
  std::free(memory);
}

}  // namespace hearth::cpu
