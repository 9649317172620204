#include "engine/compute/weights/expert_cache.h"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <limits>
#include <new>
#include <utility>

#include "engine/compute/host.h"

namespace hearth {

Result<std::unique_ptr<ExpertCache>> ExpertCache::create(const std::vector<uint64_t>& expert_bytes,
                                                         uint64_t budget) {
  const uint64_t largest = *std::max_element(expert_bytes.begin(), expert_bytes.end());
  if (budget < largest) {
    return Error{
        ErrorCode::kOutOfMemory,
        fmt::format("the memory limit leaves {} bytes for experts; one of them has {}", budget, largest)};
  }
  const uint64_t most_slots = std::min<uint64_t>(budget / largest, std::numeric_limits<int32_t>::max());
  return std::unique_ptr<ExpertCache>(new ExpertCache(expert_bytes.size(), most_slots));
}

ExpertCache::~ExpertCache() {
  for (Slot& slot : slots_) break_off(slot);
}

const ExpertPlaces* ExpertCache::add(const StoredTensor& tensor, int32_t layer, int32_t count) {
  Layer& to = layers_[static_cast<size_t>(layer)];
  to.slots.resize(static_cast<size_t>(count), kNone);
  places_.push_back({layer, std::vector<Buffer>(static_cast<size_t>(count))});
  const uint64_t bytes = tensor.bytes / static_cast<uint64_t>(count);
  to.matrices.push_back({tensor, bytes, to.used, &places_.back()});
  to.used += bytes + block_padding(tensor.source);
  slot_bytes_ = std::max(slot_bytes_, to.used);
  return &places_.back();
}

Result<void> ExpertCache::lease(int32_t layer, std::span<const int32_t> experts) {
  Layer& of = layers_[static_cast<size_t>(layer)];
  ++leases_;
  const auto slot_of = [&](int32_t expert) -> int32_t& { return of.slots[static_cast<size_t>(expert)]; };
  // First those that are there, lest one of them makes room for another.
  for (const int32_t expert : experts) {
    if (slot_of(expert) != kNone) slots_[static_cast<size_t>(slot_of(expert))].last_lease = leases_;
  }
  for (const int32_t expert : experts) {
    if (slot_of(expert) != kNone) continue;
    HEARTH_ASSIGN(const int32_t number, take_slot());
    Slot& slot = slots_[static_cast<size_t>(number)];
    slot_of(expert) = number;
    slot.layer = layer;
    slot.expert = expert;
    slot.coming = true;
    slot.last_lease = leases_;
    for (const Matrices& matrices : of.matrices) {
      const BlockRead piece = read_of(matrices, slot);
      matrices.tensor.source.read_ahead(piece.offset, piece.into);
    }
  }
  return {};
}

bool ExpertCache::has(int32_t layer, int32_t expert) const {
  const int32_t slot = layers_[static_cast<size_t>(layer)].slots[static_cast<size_t>(expert)];
  return slot != kNone && !slots_[static_cast<size_t>(slot)].coming;
}

Result<void> ExpertCache::bring(int32_t layer, int32_t expert) {
  if (has(layer, expert)) return {};
  const Layer& of = layers_[static_cast<size_t>(layer)];
  Slot& slot = slots_[static_cast<size_t>(of.slots[static_cast<size_t>(expert)])];
  const auto begin = std::chrono::steady_clock::now();
  Result<void> outcome = read(slot);
  slot.coming = false;
  wait_ms_ += std::chrono::duration<double, std::milli>(std::chrono::steady_clock::now() - begin).count();
  if (!outcome.ok()) {
    empty(slot);
    return outcome;
  }
  for (const Matrices& matrices : of.matrices) {
    matrices.places->at[static_cast<size_t>(expert)] = buffer_at(read_of(matrices, slot).wanted);
    bytes_read_ += matrices.bytes;
  }
  return {};
}

BlockRead ExpertCache::read_of(const Matrices& matrices, const Slot& slot) {
  const uint64_t offset = matrices.tensor.offset + static_cast<uint64_t>(slot.expert) * matrices.bytes;
  return in_blocks(matrices.tensor.source, offset, matrices.bytes,
                   slot.bytes.get() + matrices.offset_in_slot);
}

/// One that is new, or else the one that was leased longest ago, empty.
Result<int32_t> ExpertCache::take_slot() {
  if (slots_.size() < most_slots_) {
    Slot slot;
    slot.bytes.reset(new (std::nothrow) std::byte[static_cast<size_t>(slot_bytes_)]);
    if (slot.bytes != nullptr) {
      slots_.push_back(std::move(slot));
      return static_cast<int32_t>(slots_.size()) - 1;
    }
    if (slots_.empty()) {
      return Error{ErrorCode::kOutOfMemory, fmt::format("no memory for an expert of {} bytes", slot_bytes_)};
    }
    most_slots_ = slots_.size();
  }
  const auto oldest = std::ranges::min_element(slots_, {}, &Slot::last_lease);
  if (oldest->last_lease == leases_) {
    return Error{ErrorCode::kOutOfMemory, "no memory for as many experts as are needed at once"};
  }
  break_off(*oldest);
  empty(*oldest);
  return static_cast<int32_t>(oldest - slots_.begin());
}

/// Every matrix must be read that was asked for ahead, also if another fails.
Result<void> ExpertCache::read(const Slot& slot) {
  Result<void> outcome;
  for (const Matrices& matrices : layers_[static_cast<size_t>(slot.layer)].matrices) {
    const BlockRead piece = read_of(matrices, slot);
    Result<void> read = matrices.tensor.source.read(piece.offset, piece.into);
    if (outcome.ok()) outcome = std::move(read);
  }
  return outcome;
}

/// What is being read where a computation was broken off must arrive before its place is used otherwise.
void ExpertCache::break_off(Slot& slot) {
  if (!slot.coming) return;
  for (const Matrices& matrices : layers_[static_cast<size_t>(slot.layer)].matrices) {
    const ByteSource& source = matrices.tensor.source;
    const BlockRead piece = read_of(matrices, slot);
    if (source.reads_ahead()) static_cast<void>(source.read(piece.offset, piece.into));
  }
  slot.coming = false;
}

void ExpertCache::empty(Slot& slot) {
  if (slot.expert == kNone) return;
  Layer& layer = layers_[static_cast<size_t>(slot.layer)];
  const auto expert = static_cast<size_t>(slot.expert);
  for (const Matrices& matrices : layer.matrices) matrices.places->at[expert] = {};
  layer.slots[expert] = kNone;
  slot.expert = kNone;
}

}  // namespace hearth
