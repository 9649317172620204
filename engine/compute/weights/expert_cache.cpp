#include "engine/compute/weights/expert_cache.h"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <limits>
#include <new>
#include <utility>

#include "engine/base/pages.h"
#include "engine/compute/host.h"

namespace hearth {

Result<std::unique_ptr<ExpertCache>> ExpertCache::create(std::vector<uint64_t> expert_bytes, uint64_t budget,
                                                         bool mapped) {
  const uint64_t largest = *std::max_element(expert_bytes.begin(), expert_bytes.end());
  if (budget < largest) {
    return Error{
        ErrorCode::kOutOfMemory,
        fmt::format("the memory limit leaves {} bytes for experts; one of them has {}", budget, largest)};
  }
  const uint64_t most_slots = std::min<uint64_t>(budget / largest, std::numeric_limits<int32_t>::max());
  return std::unique_ptr<ExpertCache>(new ExpertCache(expert_bytes.size(), largest, most_slots, mapped));
}

const ExpertPlaces* ExpertCache::add(const StoredTensor& tensor, int32_t layer, int32_t count) {
  Layer& to = layers_[static_cast<size_t>(layer)];
  to.slots.resize(static_cast<size_t>(count), kNone);
  places_.push_back({layer, std::vector<Buffer>(static_cast<size_t>(count))});
  const uint64_t bytes = tensor.bytes / static_cast<uint64_t>(count);
  to.matrices.push_back({tensor, bytes, to.used, &places_.back()});
  to.used += bytes;
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
    if (mapped_ && slot_of(expert) == kNone) expect(of, expert);
  }
  for (const int32_t expert : experts) {
    if (slot_of(expert) != kNone) continue;
    HEARTH_ASSIGN(const int32_t slot, take_slot());
    HEARTH_TRY(bring(slots_[static_cast<size_t>(slot)], layer, expert));
    slot_of(expert) = slot;
  }
  return {};
}

/// Has the disk read all that a lease lacks at once, which keeps it busier than one matrix after the other.
void ExpertCache::expect(const Layer& layer, int32_t expert) {
  for (const Matrices& matrices : layer.matrices) expect_pages(pages_of(matrices, expert));
}

std::span<const std::byte> ExpertCache::pages_of(const Matrices& matrices, int32_t expert) {
  return matrices.tensor.source.mapped().subspan(
      matrices.tensor.offset + static_cast<uint64_t>(expert) * matrices.bytes, matrices.bytes);
}

/// One that is new, or else the one that was leased longest ago, empty.
Result<int32_t> ExpertCache::take_slot() {
  if (slots_.size() < most_slots_) {
    Slot slot;
    if (!mapped_) slot.bytes.reset(new (std::nothrow) std::byte[static_cast<size_t>(slot_bytes_)]);
    if (mapped_ || slot.bytes != nullptr) {
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
  evict(*oldest);
  return static_cast<int32_t>(oldest - slots_.begin());
}

void ExpertCache::evict(Slot& slot) {
  if (slot.expert == kNone) return;
  Layer& layer = layers_[static_cast<size_t>(slot.layer)];
  const auto expert = static_cast<size_t>(slot.expert);
  for (const Matrices& matrices : layer.matrices) {
    matrices.places->at[expert] = {};
    if (mapped_) drop_pages(pages_of(matrices, slot.expert));
  }
  layer.slots[expert] = kNone;
  slot.expert = kNone;
}

Result<void> ExpertCache::bring(Slot& slot, int32_t layer, int32_t expert) {
  const auto begin = std::chrono::steady_clock::now();
  const auto number = static_cast<size_t>(expert);
  const std::vector<Matrices>& all = layers_[static_cast<size_t>(layer)].matrices;
  for (const Matrices& matrices : all) {
    if (mapped_) {
      fetch_pages(pages_of(matrices, expert));
    } else {
      const uint64_t offset = matrices.tensor.offset + number * matrices.bytes;
      std::byte* const into = slot.bytes.get() + matrices.offset_in_slot;
      HEARTH_TRY(matrices.tensor.source.read(offset, {into, static_cast<size_t>(matrices.bytes)}));
    }
    bytes_read_ += matrices.bytes;
  }
  for (const Matrices& matrices : all) {
    matrices.places->at[number] =
        buffer_at(mapped_ ? pages_of(matrices, expert).data() : slot.bytes.get() + matrices.offset_in_slot);
  }
  slot.layer = layer;
  slot.expert = expert;
  slot.last_lease = leases_;
  wait_ms_ += std::chrono::duration<double, std::milli>(std::chrono::steady_clock::now() - begin).count();
  return {};
}

}  // namespace hearth
