// Keys and values of all sequences, in pages with reference counts: a prefix that several sequences share is
// kept once.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "engine/base/result.h"
#include "engine/compute/backend.h"
#include "engine/compute/kv_layout.h"
#include "engine/model/spec.h"

namespace hearth {

class KvCache {
 public:
  /// Room for `positions` in all. OUT_OF_MEMORY naming the size; INVALID_ARGUMENT for a type that cannot hold
  /// the heads.
  static Result<std::unique_ptr<KvCache>> create(Backend& backend, const ModelSpec& spec, int64_t positions,
                                                 BlockType type);
  ~KvCache();
  KvCache(const KvCache&) = delete;
  KvCache& operator=(const KvCache&) = delete;

  const KvLayout& layout() const { return layout_; }
  std::byte* memory() const { return memory_; }
  int32_t free_pages() const { return static_cast<int32_t>(free_.size()); }

 private:
  friend class KvSequence;
  KvCache(Backend& backend, const KvLayout& layout, std::byte* memory);

  int32_t take_page();
  void share_page(int32_t page);
  void release_page(int32_t page);

  Backend& backend_;
  KvLayout layout_;
  std::byte* memory_;
  std::vector<int32_t> free_;        // used from the back
  std::vector<int32_t> references_;  // per page
};

/// One sequence's place in the cache: how many positions it holds, and in which pages. Movable; gives its
/// pages back.
class KvSequence {
 public:
  explicit KvSequence(KvCache& cache) : cache_(&cache) {}
  ~KvSequence() { truncate(0); }
  KvSequence(KvSequence&& other) noexcept;
  KvSequence& operator=(KvSequence&& other) noexcept;

  int32_t length() const { return length_; }
  std::span<const int32_t> pages() const { return pages_; }

  /// Makes room for `count` more positions, which the next forward fills. CONTEXT_OVERFLOW if no pages are
  /// left; then nothing has changed.
  Result<void> extend(int32_t count);
  /// Forgets the positions from `length` on.
  void truncate(int32_t length);
  /// A sequence that shares this one's whole pages among its first `length` positions; its length is that of
  /// those pages, at most `length`, a multiple of kPagePositions.
  KvSequence share_prefix(int32_t length) const;

 private:
  KvCache* cache_;
  int32_t length_ = 0;
  std::vector<int32_t> pages_;
};

}  // namespace hearth
