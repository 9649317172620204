#include "engine/compute/gpu/memory.h"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>
#include <numeric>
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

Place place_of(Buffer buffer) {
  const Piece& piece = piece_of(buffer);
  if (piece.more.empty()) return {piece.block, piece.offset + buffer.offset, piece.block_bytes};
  const uint64_t number = buffer.offset / piece.block_bytes;
  const uint64_t before = number * piece.block_bytes;
  return {number == 0 ? piece.block : piece.more[number - 1], buffer.offset - before,
          std::min(piece.block_bytes, piece.bytes - before)};
}

Memory::~Memory() {
  for (const auto& [handle, piece] : pieces_) {
    if (piece->bytes >= piece->block_bytes) runner_.destroy_block(piece->block);
    for (const BlockId block : piece->more) runner_.destroy_block(block);
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
  HEARTH_ASSIGN(const BlockId block, runner_.create_block(bytes));
  taken_ += bytes;
  return block;
}

Result<Buffer> Memory::allocate(uint64_t bytes) {
  if (bytes > runner_.device().block_bytes) {
    return Error{ErrorCode::kOutOfMemory,
                 fmt::format("{} bytes in one piece are more than the GPU's limit of {}", bytes,
                             runner_.device().block_bytes)};
  }
  const uint64_t size = rounded_up(std::max<uint64_t>(bytes, 4), 4);
  Piece piece;
  if (size <= kSmallBytes) {
    HEARTH_ASSIGN(piece, take_shared(rounded_up(size, runner_.device().binding_alignment)));
  } else {
    HEARTH_ASSIGN(const BlockId block, create_block(size));
    piece = {block, 0, size, size};
  }
  return add(std::move(piece));
}

Result<Buffer> Memory::allocate_divided(uint64_t bytes, uint64_t undivided) {
  const uint64_t most = runner_.device().block_bytes;
  const uint64_t step = std::lcm(undivided, uint64_t{4});
  if (bytes <= most || undivided == 0 || step > most) return allocate(bytes);
  Piece piece{.bytes = rounded_up(bytes, 4), .block_bytes = most / step * step, .is_settled = true};
  for (uint64_t done = 0; done < piece.bytes; done += piece.block_bytes) {
    const Result<BlockId> block = create_block(std::min(piece.block_bytes, piece.bytes - done));
    if (!block.ok()) {
      piece.bytes = done;
      if (done > 0) give_back(piece);
      return block.error();
    }
    if (done == 0) {
      piece.block = *block;
    } else {
      piece.more.push_back(*block);
    }
  }
  return add(std::move(piece));
}

Buffer Memory::add(Piece piece) {
  auto owned = std::make_unique<Piece>(std::move(piece));
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
    return Piece{shared.block, offset, bytes, shared.bytes};
  }
  HEARTH_ASSIGN(const BlockId block, create_block(kSharedBytes));
  shared_.push_back({block, kSharedBytes, {{bytes, kSharedBytes - bytes}}});
  return Piece{block, 0, bytes, kSharedBytes};
}

void Memory::release(Buffer buffer) {
  const auto found = pieces_.find(buffer.block);
  if (found == pieces_.end()) return;
  const Piece piece = *found->second;
  pieces_.erase(found);
  give_back(piece);
}

std::vector<uint64_t> Memory::offsets_in_one(std::span<const Buffer> pieces) const {
  std::vector<uint64_t> offsets{0};
  for (const Buffer& buffer : pieces) {
    offsets.push_back(offsets.back() +
                      rounded_up(piece_of(buffer).bytes, runner_.device().binding_alignment));
  }
  return offsets;
}

void Memory::move(std::span<const Buffer> pieces, Buffer into) {
  const std::vector<uint64_t> offsets = offsets_in_one(pieces);
  const Piece one = piece_of(into);
  pieces_.erase(into.block);
  if (one.bytes == one.block_bytes) shared_.push_back({one.block, one.bytes, {}});
  for (size_t i = 0; i < pieces.size(); ++i) {
    Piece& piece = *pieces_.at(pieces[i].block);
    give_back(piece);
    piece = {one.block, one.offset + offsets[i], offsets[i + 1] - offsets[i], one.block_bytes, true};
  }
}

void Memory::give_back(const Piece& piece) {
  const auto shared = std::ranges::find(shared_, piece.block, &Shared::block);
  if (shared != shared_.end()) {
    add_gap(*shared, piece);
    const bool is_free = shared->free.begin()->second == shared->bytes;
    if (!is_free || shared->bytes == kSharedBytes) return;
    shared_.erase(shared);
  }
  runner_.destroy_block(piece.block);
  for (const BlockId block : piece.more) runner_.destroy_block(block);
  taken_ -= std::max(piece.block_bytes, piece.bytes);
}

void Memory::add_gap(Shared& shared, const Piece& piece) {
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
