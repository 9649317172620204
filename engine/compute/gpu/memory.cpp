#include "engine/compute/gpu/memory.h"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>
#include <utility>

namespace hearth::gpu {
namespace {

/// Pieces of up to a sixteenth of a shared block are small: then a block is well filled.
constexpr uint64_t kSharedBytes = 4 << 20;
constexpr uint64_t kSmallBytes = kSharedBytes / 16;

constexpr uint64_t rounded_up(uint64_t bytes, uint64_t multiple) {
  return (bytes + multiple - 1) / multiple * multiple;
}

}  // namespace

Memory::~Memory() {
  for (const auto& [handle, piece] : pieces_) {
    if (piece->bytes == piece->block_bytes) runner_.destroy_block(piece->block);
  }
  for (const Shared& shared : shared_) runner_.destroy_block(shared.block);
}

Result<BlockId> Memory::create_block(uint64_t bytes) {
  if (budget_ > 0 && bytes > budget_ - std::min(budget_, taken_)) {
    return Error{
        ErrorCode::kOutOfMemory,
        fmt::format("{} bytes of a GPU's memory are wanted beside {} that are taken, and gpuMemory is {}",
                    bytes, taken_, budget_)};
  }
  if (bytes > runner_.device().block_bytes) {
    return Error{ErrorCode::kOutOfMemory,
                 fmt::format("{} bytes in one piece are more than the GPU's limit of {}", bytes,
                             runner_.device().block_bytes)};
  }
  HEARTH_ASSIGN(const BlockId block, runner_.create_block(bytes));
  taken_ += bytes;
  return block;
}

Result<Buffer> Memory::allocate(uint64_t bytes) {
  const uint64_t size = rounded_up(std::max<uint64_t>(bytes, 4), 4);
  Piece piece;
  if (size <= kSmallBytes) {
    HEARTH_ASSIGN(piece, take_shared(rounded_up(size, runner_.device().binding_alignment)));
  } else {
    HEARTH_ASSIGN(const BlockId block, create_block(size));
    piece = {block, 0, size, size};
  }
  auto owned = std::make_unique<Piece>(piece);
  void* const handle = owned.get();
  pieces_[handle] = std::move(owned);
  return Buffer{handle};
}

Result<Piece> Memory::take_shared(uint64_t bytes) {
  for (Shared& shared : shared_) {
    const auto room = std::ranges::find_if(shared.free, [&](const auto& gap) { return gap.second >= bytes; });
    if (room == shared.free.end()) continue;
    const auto [offset, size] = *room;
    shared.free.erase(room);
    if (size > bytes) shared.free[offset + bytes] = size - bytes;
    return Piece{shared.block, offset, bytes, kSharedBytes};
  }
  HEARTH_ASSIGN(const BlockId block, create_block(kSharedBytes));
  shared_.push_back({block, {{bytes, kSharedBytes - bytes}}});
  return Piece{block, 0, bytes, kSharedBytes};
}

void Memory::release(Buffer buffer) {
  const auto found = pieces_.find(buffer.block);
  if (found == pieces_.end()) return;
  const Piece piece = *found->second;
  pieces_.erase(found);
  if (piece.bytes == piece.block_bytes) {
    runner_.destroy_block(piece.block);
    taken_ -= piece.bytes;
    return;
  }
  give_back(*std::ranges::find(shared_, piece.block, &Shared::block), piece);
}

void Memory::give_back(Shared& shared, const Piece& piece) {
  auto gap = shared.free.emplace(piece.offset, piece.bytes).first;
  const auto next = std::next(gap);
  if (next != shared.free.end() && gap->first + gap->second == next->first) {
    gap->second += next->second;
    shared.free.erase(next);
  }
  if (gap == shared.free.begin()) return;
  const auto previous = std::prev(gap);
  if (previous->first + previous->second != gap->first) return;
  previous->second += gap->second;
  shared.free.erase(gap);
}

}  // namespace hearth::gpu
