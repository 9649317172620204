// A device's memory as a Backend gives it out: large pieces are blocks of their own, small ones share a
// block, so that a model's many norms and biases take one of a device's few thousand blocks.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <vector>

#include "engine/compute/gpu/runner.h"
#include "engine/compute/tensor.h"

namespace hearth::gpu {

/// What a Buffer's handle points at: a part of a block.
struct Piece {
  BlockId block = 0;
  uint64_t offset = 0;       // in the block
  uint64_t bytes = 0;        // of the piece
  uint64_t block_bytes = 0;  // of the whole block
};

inline const Piece& piece_of(Buffer buffer) { return *static_cast<const Piece*>(buffer.block); }

class Memory {
 public:
  /// `budget`: bytes that blocks may take in all; 0: what the device gives.
  Memory(Runner& runner, uint64_t budget) : runner_(runner), budget_(budget) {}
  ~Memory();
  Memory(const Memory&) = delete;
  Memory& operator=(const Memory&) = delete;

  /// From a multiple of the binding alignment on; its size is rounded up to a multiple of 4. OUT_OF_MEMORY.
  Result<Buffer> allocate(uint64_t bytes);
  /// The runner must have been handed all commands that use it.
  void release(Buffer buffer);

  uint64_t bytes_taken() const { return taken_; }

 private:
  /// A block that small pieces share; what is free of it, by offset.
  struct Shared {
    BlockId block;
    std::map<uint64_t, uint64_t> free;
  };
  Result<BlockId> create_block(uint64_t bytes);
  Result<Piece> take_shared(uint64_t bytes);
  void give_back(Shared& shared, const Piece& piece);

  Runner& runner_;
  uint64_t budget_;
  uint64_t taken_ = 0;
  std::vector<Shared> shared_;
  std::map<const void*, std::unique_ptr<Piece>> pieces_;
};

}  // namespace hearth::gpu
