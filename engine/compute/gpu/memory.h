// A device's memory as a Backend gives it out: large pieces are blocks of their own, small ones share a
// block, so that a model's many norms and biases take one of a device's few thousand blocks.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <span>
#include <vector>

#include "engine/compute/gpu/runner.h"
#include "engine/compute/tensor.h"

namespace hearth::gpu {

/// What a Buffer's handle points at: a part of a block, or several blocks.
struct Piece {
  BlockId block = 0;
  uint64_t offset = 0;       // in the block
  uint64_t bytes = 0;        // of the piece
  uint64_t block_bytes = 0;  // of the whole block
  bool is_settled = false;   // not to be moved (any more)
  // Of what no block holds: the blocks behind the first, all of them of `block_bytes` but for the last.
  std::vector<BlockId> more = {};
};

inline const Piece& piece_of(Buffer buffer) { return *static_cast<const Piece*>(buffer.block); }

/// Where a Buffer begins.
struct Place {
  BlockId block;
  uint64_t offset;       // in the block
  uint64_t block_bytes;  // of the whole block
};

Place place_of(Buffer buffer);

class Memory {
 public:
  /// `budget`: bytes that blocks may take in all; 0: what the device gives.
  Memory(Runner& runner, uint64_t budget) : runner_(runner), budget_(budget) {}
  ~Memory();
  Memory(const Memory&) = delete;
  Memory& operator=(const Memory&) = delete;

  /// From a multiple of the binding alignment on; its size is rounded up to a multiple of 4. OUT_OF_MEMORY.
  Result<Buffer> allocate(uint64_t bytes);
  /// Likewise, in several blocks where one does not hold it, each a multiple of `undivided` bytes.
  Result<Buffer> allocate_divided(uint64_t bytes, uint64_t undivided);
  /// The runner must have been handed all commands that use it.
  void release(Buffer buffer);

  /// Has pieces lie in one piece from now on, one behind the other from the offsets on that `offsets_in_one`
  /// gives, where their content must have been copied to; that piece's own handle goes. The runner must have
  /// been handed all commands that use them. They are settled then.
  void move(std::span<const Buffer> pieces, Buffer into);
  /// The offsets, and behind the last one the size of all.
  std::vector<uint64_t> offsets_in_one(std::span<const Buffer> pieces) const;
  /// Has a piece stay where it is.
  void settle(Buffer buffer) { pieces_.at(buffer.block)->is_settled = true; }

  uint64_t bytes_taken() const { return taken_; }

 private:
  /// A block that pieces share, small ones or some that were moved there; what is free of it, by offset.
  struct Shared {
    BlockId block;
    uint64_t bytes;
    std::map<uint64_t, uint64_t> free;
  };
  Result<BlockId> create_block(uint64_t bytes);
  Result<Piece> take_shared(uint64_t bytes);
  Buffer add(Piece piece);
  void give_back(const Piece& piece);
  static void add_gap(Shared& shared, const Piece& piece);

  Runner& runner_;
  uint64_t budget_;
  uint64_t taken_ = 0;
  std::vector<Shared> shared_;
  std::map<const void*, std::unique_ptr<Piece>> pieces_;
};

}  // namespace hearth::gpu
