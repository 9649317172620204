// What a model remembers of its sequences: keys and values in pages with reference counts, so that a prefix
// that several sequences share lies in memory once; and for layers whose state has one size however long the
// text is (recurrent ones), a slot for each sequence. Such a state cannot be cut shorter, so others can go on
// only from where it was copied: at the end of pages that were kept just then.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "engine/base/result.h"
#include "engine/compute/backend.h"
#include "engine/compute/kv_layout.h"

namespace hearth {

/// What the layers of a network want remembered.
struct StatePlan {
  struct KvShape {
    int32_t n_head_kv = 0;
    int32_t key_dimension = 0;    // per head
    int32_t value_dimension = 0;  // per head
    bool remembered = true;       // from batch to batch: a decoder's
    bool values_in_keys = false;  // see KvLayout

    bool operator==(const KvShape&) const = default;
  };
  std::vector<KvShape> kv;            // of each layer with keys and values
  std::vector<uint64_t> slot_bytes;   // of each layer with a state of one size
  std::vector<LayerRange> kv_layers;  // that use them, from the first to the last
  std::vector<int32_t> slot_layers;

  /// What is added from now on is of this layer of the network.
  void enter(int32_t layer) { layer_ = layer; }
  /// Each gives the number by which the store knows it. Layers whose keys and values are not remembered take
  /// turns in one place where their shapes are the same. A layer may have several states of one size.
  int32_t add_kv(const KvShape& shape);
  int32_t add_slot(uint64_t bytes);
  /// The layer uses what another one has, and gives its number.
  int32_t share_kv(int32_t index);
  /// Of a slot with the states of all layers, each at an address that any device's vectors may begin at.
  uint64_t whole_slot_bytes() const;

  /// Of one layer's keys and values, with room for `positions`.
  static KvLayout layout(const KvShape& shape, int64_t positions, BlockType type);
  /// What the store takes for keys and values, and for a slot.
  std::vector<StatePart> kv_parts(int64_t positions, BlockType type) const;
  std::vector<StatePart> slot_parts() const;
  /// Bytes that the store takes for keys and values.
  uint64_t kv_bytes(int64_t positions, BlockType type) const;

 private:
  int32_t layer_ = 0;
};

class StateStore {
 public:
  /// Room for `positions` in all, and for `slots` states of one size, where the plan has such: one for each
  /// sequence that runs, and one for each page kept with its state. OUT_OF_MEMORY naming the size;
  /// INVALID_ARGUMENT for a type that cannot hold the heads.
  static Result<std::unique_ptr<StateStore>> create(Backend& backend, const StatePlan& plan,
                                                    int64_t positions, BlockType type, int32_t slots = 0);
  ~StateStore();
  StateStore(const StateStore&) = delete;
  StateStore& operator=(const StateStore&) = delete;

  /// Keys and values of a layer, by the number that the plan gave it.
  const KvPages& kv(int32_t index) const { return kv_[static_cast<size_t>(index)]; }
  std::span<const KvPages> all_kv() const { return kv_; }
  /// States of one size of a layer, by the number that the plan gave it.
  SlotStates slots(int32_t index) const {
    return {slot_memory_.at(slot_offsets_[static_cast<size_t>(index)]), slot_bytes_};
  }
  /// All layers' states of a slot one after the other, slot_bytes() in all.
  SlotStates whole_slots() const { return {slot_memory_, slot_bytes_}; }
  uint64_t slot_bytes() const { return slot_bytes_; }
  /// Of keys and values, and of all slots.
  uint64_t cache_bytes() const;

  Backend& backend() const { return *backend_; }
  /// Has its memory be another device's, all zero, before the one it has is given back. No sequence and no
  /// kept page may be left. OUT_OF_MEMORY; then nothing has changed.
  Result<void> move_to(Backend& backend);
  int32_t page_count() const { return page_count_; }
  int32_t free_pages() const { return static_cast<int32_t>(free_pages_.size()); }
  int32_t free_slots() const { return static_cast<int32_t>(free_slots_.size()); }
  bool has_slots() const { return slot_bytes_ > 0; }

 private:
  friend class SequenceState;
  friend class KeptPage;
  StateStore(Backend& backend, const StatePlan& plan, int64_t positions, BlockType type, int32_t slots);
  void free_memory();

  int32_t take_page();
  void share_page(int32_t page);
  void release_page(int32_t page);
  bool is_shared(int32_t page) const { return references_[static_cast<size_t>(page)] > 1; }
  /// A free slot, which there must be, with the content of `from`.
  int32_t take_slot(int32_t from);
  void copy_slot(int32_t from, int32_t to);

  Backend* backend_;
  std::vector<StatePart> kv_parts_, slot_parts_;
  std::vector<KvPages> kv_;
  std::vector<uint64_t> slot_offsets_;  // of each layer's part
  uint64_t slot_bytes_;                 // of a whole slot
  int32_t zero_slot_;                   // what a new sequence begins with: the last
  Buffer kv_memory_, slot_memory_;
  int32_t page_count_;
  std::vector<int32_t> free_pages_;  // used from the back
  std::vector<int32_t> references_;  // per page
  std::vector<int32_t> free_slots_;
};

/// A whole page of a sequence, which outlives it; and the slot as it was behind that page, where there are
/// slots and it was kept in time. Movable; gives back what it has.
class KeptPage {
 public:
  ~KeptPage() { clear(); }
  KeptPage(KeptPage&& other) noexcept;
  KeptPage& operator=(KeptPage&& other) noexcept;

  int32_t page() const { return page_; }
  /// -1 where it has none.
  int32_t slot() const { return slot_; }
  /// Whether a sequence can go on behind it.
  bool is_resumable() const { return slot_ >= 0 || !store_->has_slots(); }
  /// Whether a sequence has the page, too.
  bool is_shared() const { return store_->is_shared(page_); }
  void give_back_slot();

 private:
  friend class SequenceState;
  KeptPage(StateStore& store, int32_t page, int32_t slot) : store_(&store), page_(page), slot_(slot) {}
  void clear();

  StateStore* store_;
  int32_t page_;
  int32_t slot_;
};

/// What is remembered of one sequence: how many positions, in which pages and in which slot. Movable; gives
/// back what it has.
class SequenceState {
 public:
  /// With an encoder-decoder, so many of its first positions are the text that the encoder reads.
  explicit SequenceState(StateStore& store, int32_t source = 0) : store_(&store), source_(source) {}
  ~SequenceState() { truncate(0); }
  SequenceState(SequenceState&& other) noexcept;
  SequenceState& operator=(SequenceState&& other) noexcept;

  int32_t length() const { return length_; }
  int32_t source() const { return source_; }
  std::span<const int32_t> pages() const { return pages_; }
  /// -1 before the first position, and where the network has no states of one size.
  int32_t slot() const { return slot_; }

  /// Makes room for `count` more positions, which the next forward fills. CONTEXT_OVERFLOW if no pages or no
  /// slots are left; then nothing has changed.
  Result<void> extend(int32_t count);

  /// The longest length, at most `length`, that `truncate` can go back to: any, but where there is a slot
  /// nothing shorter than it is but 0.
  int32_t restorable(int32_t length) const;
  /// Forgets the positions from restorable(length) on, and gives that.
  int32_t truncate(int32_t length);
  /// Its page of that index, which must be whole; with a copy of the slot, where there is a free one and the
  /// sequence ends there.
  KeptPage keep_page(int32_t index) const;
  /// A sequence that shares these pages, from its first position on, and goes on behind the last of them,
  /// which must be resumable. Of length 0 where no slot is left for it.
  static SequenceState resume(StateStore& store, std::span<const KeptPage* const> pages);

 private:
  StateStore* store_;
  int32_t source_;
  int32_t length_ = 0;
  std::vector<int32_t> pages_;
  int32_t slot_ = -1;
};

}  // namespace hearth
