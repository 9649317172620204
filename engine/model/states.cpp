#include "engine/model/states.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

namespace hearth {
namespace {

Result<void> check_type(const StatePlan& plan, BlockType type) {
  const BlockLayout& block = block_layout(type);
  const auto whole = static_cast<int32_t>(block.block_size);
  const bool known = type == BlockType::kF32 || type == BlockType::kF16 || type == BlockType::kQ8_0 ||
                     type == BlockType::kQ4_0;
  for (const StatePlan::KvShape& shape : plan.kv) {
    if (known && shape.key_dimension % whole == 0 && shape.value_dimension % whole == 0) continue;
    return Error{ErrorCode::kInvalidArgument,
                 fmt::format("a cache of type {} cannot hold heads of {} and {} dimensions; use f16 or f32",
                             block.name, shape.key_dimension, shape.value_dimension)};
  }
  return {};
}

Result<Buffer> allocate_kv(Backend& backend, std::span<const StatePart> parts, uint64_t count) {
  Result<Buffer> memory = backend.allocate_states(parts, count);
  if (memory.ok() || memory.error().code != ErrorCode::kOutOfMemory) return memory;
  const uint64_t bytes = count * bytes_of(parts);
  return Error{ErrorCode::kOutOfMemory,
               fmt::format("no memory for a key-value cache of {} bytes; use a smaller context or a smaller "
                           "cache type",
                           bytes)};
}

/// To 256 bytes, where every device lets a tensor begin.
constexpr uint64_t aligned(uint64_t bytes) { return (bytes + 255) / 256 * 256; }

}  // namespace

int32_t StatePlan::add_kv(const KvShape& shape) {
  if (shape.remembered || kv.empty() || kv.back() != shape) {
    kv.push_back(shape);
    kv_layers.push_back({layer_, layer_});
  }
  return share_kv(static_cast<int32_t>(kv.size()) - 1);
}

int32_t StatePlan::share_kv(int32_t index) {
  LayerRange& layers = kv_layers[static_cast<size_t>(index)];
  layers.last = std::max(layers.last, layer_);
  return index;
}

int32_t StatePlan::add_slot(uint64_t bytes) {
  slot_bytes.push_back(bytes);
  slot_layers.push_back(layer_);
  return static_cast<int32_t>(slot_bytes.size()) - 1;
}

uint64_t StatePlan::whole_slot_bytes() const { return bytes_of(slot_parts()); }

std::vector<StatePart> StatePlan::kv_parts(int64_t positions, BlockType type) const {
  std::vector<StatePart> parts;
  for (size_t index = 0; index < kv.size(); ++index) {
    parts.push_back({layout(kv[index], positions, type).total_bytes(), kv_layers[index]});
  }
  return parts;
}

std::vector<StatePart> StatePlan::slot_parts() const {
  std::vector<StatePart> parts;
  for (size_t index = 0; index < slot_bytes.size(); ++index) {
    parts.push_back({aligned(slot_bytes[index]), {slot_layers[index], slot_layers[index]}});
  }
  return parts;
}

KvLayout StatePlan::layout(const KvShape& shape, int64_t positions, BlockType type) {
  return {type,
          shape.n_head_kv,
          shape.key_dimension,
          shape.value_dimension,
          pages_for(positions),
          shape.values_in_keys};
}

uint64_t StatePlan::kv_bytes(int64_t positions, BlockType type) const {
  return bytes_of(kv_parts(positions, type));
}

Result<std::unique_ptr<StateStore>> StateStore::create(Backend& backend, const StatePlan& plan,
                                                       int64_t positions, BlockType type, int32_t slots) {
  HEARTH_TRY(check_type(plan, type));
  if (positions < 1 || positions > INT32_MAX - kPagePositions) {
    return Error{ErrorCode::kInvalidArgument, fmt::format("a context of {} positions: must be 1 to {}",
                                                          positions, INT32_MAX - kPagePositions)};
  }
  std::unique_ptr<StateStore> store(new StateStore(backend, plan, positions, type, slots));
  HEARTH_TRY(store->move_to(backend));
  return store;
}

StateStore::StateStore(Backend& backend, const StatePlan& plan, int64_t positions, BlockType type,
                       int32_t slots)
    : backend_(&backend),
      kv_parts_(plan.kv_parts(positions, type)),
      slot_parts_(plan.slot_parts()),
      slot_bytes_(plan.whole_slot_bytes()),
      zero_slot_(slots),
      page_count_(pages_for(positions)),
      references_(static_cast<size_t>(page_count_)) {
  for (const StatePlan::KvShape& shape : plan.kv) {
    kv_.push_back({StatePlan::layout(shape, positions, type), {}});
  }
  // Low page numbers are taken first, so that memory is touched from its beginning.
  for (int32_t page = page_count_ - 1; page >= 0; --page) free_pages_.push_back(page);
  uint64_t offset = 0;
  for (const uint64_t bytes : plan.slot_bytes) {
    slot_offsets_.push_back(offset);
    offset += aligned(bytes);
  }
  if (!has_slots()) return;
  for (int32_t slot = slots - 1; slot >= 0; --slot) free_slots_.push_back(slot);
}

StateStore::~StateStore() { free_memory(); }

Result<void> StateStore::move_to(Backend& backend) {
  HEARTH_ASSIGN(const Buffer kv_memory, allocate_kv(backend, kv_parts_, 1));
  Buffer slot_memory;
  if (has_slots()) {
    const Result<Buffer> slots = allocate_kv(backend, slot_parts_, static_cast<uint64_t>(zero_slot_) + 1);
    if (!slots.ok()) {
      backend.release(kv_memory);
      return slots.error();
    }
    slot_memory = *slots;
  }
  free_memory();
  backend_ = &backend;
  kv_memory_ = kv_memory;
  slot_memory_ = slot_memory;
  uint64_t offset = 0;
  for (KvPages& kv : kv_) {
    kv.memory = kv_memory_.at(offset);
    offset += kv.layout.total_bytes();
  }
  return {};
}

void StateStore::free_memory() {
  backend_->release(std::exchange(kv_memory_, {}));
  backend_->release(std::exchange(slot_memory_, {}));
}

uint64_t StateStore::cache_bytes() const {
  uint64_t bytes = (static_cast<uint64_t>(zero_slot_) + 1) * slot_bytes_;
  for (const KvPages& kv : kv_) bytes += kv.layout.total_bytes();
  return bytes;
}

int32_t StateStore::take_page() {
  const int32_t page = free_pages_.back();
  free_pages_.pop_back();
  references_[static_cast<size_t>(page)] = 1;
  return page;
}

void StateStore::share_page(int32_t page) { ++references_[static_cast<size_t>(page)]; }

void StateStore::release_page(int32_t page) {
  if (--references_[static_cast<size_t>(page)] == 0) free_pages_.push_back(page);
}

int32_t StateStore::take_slot(int32_t from) {
  const int32_t taken = free_slots_.back();
  free_slots_.pop_back();
  copy_slot(from, taken);
  return taken;
}

void StateStore::copy_slot(int32_t from, int32_t to) {
  backend_->copy(whole_slots().of(from), whole_slots().of(to), slot_bytes_);
}

KeptPage::KeptPage(KeptPage&& other) noexcept
    : store_(other.store_), page_(std::exchange(other.page_, -1)), slot_(std::exchange(other.slot_, -1)) {}

KeptPage& KeptPage::operator=(KeptPage&& other) noexcept {
  if (this != &other) {
    clear();
    store_ = other.store_;
    page_ = std::exchange(other.page_, -1);
    slot_ = std::exchange(other.slot_, -1);
  }
  return *this;
}

void KeptPage::give_back_slot() {
  if (slot_ >= 0) store_->free_slots_.push_back(std::exchange(slot_, -1));
}

void KeptPage::clear() {
  if (page_ >= 0) store_->release_page(page_);
  give_back_slot();
}

SequenceState::SequenceState(SequenceState&& other) noexcept
    : store_(other.store_),
      source_(other.source_),
      length_(std::exchange(other.length_, 0)),
      pages_(std::exchange(other.pages_, {})),
      slot_(std::exchange(other.slot_, -1)) {}

SequenceState& SequenceState::operator=(SequenceState&& other) noexcept {
  if (this != &other) {
    truncate(0);
    store_ = other.store_;
    source_ = other.source_;
    length_ = std::exchange(other.length_, 0);
    pages_ = std::exchange(other.pages_, {});
    slot_ = std::exchange(other.slot_, -1);
  }
  return *this;
}

Result<void> SequenceState::extend(int32_t count) {
  const int64_t wanted = pages_for(int64_t{length_} + count) - static_cast<int64_t>(pages_.size());
  if (wanted > store_->free_pages()) {
    return Error{
        ErrorCode::kContextOverflow,
        fmt::format("no room for {} more positions after {}: {} of the context's {} are free; raise the "
                    "context size or shorten the text",
                    count, length_, int64_t{store_->free_pages()} * kPagePositions,
                    int64_t{store_->page_count()} * kPagePositions)};
  }
  if (store_->has_slots() && slot_ < 0) {
    if (store_->free_slots() == 0) {
      return Error{ErrorCode::kContextOverflow, "no state is free for one more sequence"};
    }
    slot_ = store_->take_slot(store_->zero_slot_);
  }
  for (int64_t i = 0; i < wanted; ++i) pages_.push_back(store_->take_page());
  length_ += count;
  return {};
}

int32_t SequenceState::restorable(int32_t length) const {
  if (length >= length_) return length_;
  return slot_ < 0 ? std::max(length, 0) : 0;
}

int32_t SequenceState::truncate(int32_t length) {
  length_ = restorable(length);
  const auto keep = static_cast<size_t>(pages_for(length_));
  while (pages_.size() > keep) {
    store_->release_page(pages_.back());
    pages_.pop_back();
  }
  if (length_ == 0 && slot_ >= 0) store_->free_slots_.push_back(std::exchange(slot_, -1));
  return length_;
}

KeptPage SequenceState::keep_page(int32_t index) const {
  const int32_t page = pages_[static_cast<size_t>(index)];
  store_->share_page(page);
  const bool has_copy = slot_ >= 0 && length_ == (index + 1) * kPagePositions && store_->free_slots() > 0;
  return {*store_, page, has_copy ? store_->take_slot(slot_) : -1};
}

SequenceState SequenceState::resume(StateStore& store, std::span<const KeptPage* const> pages) {
  SequenceState sequence(store);
  if (pages.empty()) return sequence;
  if (store.has_slots()) {
    if (store.free_slots() == 0) return sequence;
    sequence.slot_ = store.take_slot(pages.back()->slot_);
  }
  for (const KeptPage* kept : pages) {
    store.share_page(kept->page_);
    sequence.pages_.push_back(kept->page_);
  }
  sequence.length_ = static_cast<int32_t>(pages.size()) * kPagePositions;
  return sequence;
}

}  // namespace hearth
