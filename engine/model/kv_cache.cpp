#include "engine/model/kv_cache.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

namespace hearth {

Result<std::unique_ptr<KvCache>> KvCache::create(Backend& backend, const ModelSpec& spec, int64_t positions,
                                                 BlockType type) {
  const BlockLayout& block = block_layout(type);
  const bool known = type == BlockType::kF32 || type == BlockType::kF16 || type == BlockType::kQ8_0 ||
                     type == BlockType::kQ4_0;
  if (!known || spec.key_dimension % static_cast<int32_t>(block.block_size) != 0 ||
      spec.value_dimension % static_cast<int32_t>(block.block_size) != 0) {
    return Error{ErrorCode::kInvalidArgument,
                 fmt::format("a cache of type {} cannot hold heads of {} and {} dimensions; use f16 or f32",
                             block.name, spec.key_dimension, spec.value_dimension)};
  }
  if (positions < 1 || positions > INT32_MAX - kPagePositions) {
    return Error{ErrorCode::kInvalidArgument, fmt::format("a context of {} positions: must be 1 to {}",
                                                          positions, INT32_MAX - kPagePositions)};
  }
  const KvLayout layout{
      type, spec.n_layer, spec.n_head_kv, spec.key_dimension, spec.value_dimension, pages_for(positions)};
  HEARTH_ASSIGN(std::byte * memory, backend.allocate_pages(layout.total_bytes()));
  return std::unique_ptr<KvCache>(new KvCache(backend, layout, memory));
}

KvCache::KvCache(Backend& backend, const KvLayout& layout, std::byte* memory)
    : backend_(backend),
      layout_(layout),
      memory_(memory),
      references_(static_cast<size_t>(layout.page_count)) {
  // Low page numbers are taken first, so that memory is touched from its beginning.
  for (int32_t page = layout.page_count - 1; page >= 0; --page) free_.push_back(page);
}

KvCache::~KvCache() { backend_.release_pages(memory_); }

int32_t KvCache::take_page() {
  const int32_t page = free_.back();
  free_.pop_back();
  references_[static_cast<size_t>(page)] = 1;
  return page;
}

void KvCache::share_page(int32_t page) { ++references_[static_cast<size_t>(page)]; }

void KvCache::release_page(int32_t page) {
  if (--references_[static_cast<size_t>(page)] == 0) free_.push_back(page);
}

KvSequence::KvSequence(KvSequence&& other) noexcept
    : cache_(other.cache_),
      length_(std::exchange(other.length_, 0)),
      pages_(std::exchange(other.pages_, {})) {}

KvSequence& KvSequence::operator=(KvSequence&& other) noexcept {
  if (this != &other) {
    truncate(0);
    cache_ = other.cache_;
    length_ = std::exchange(other.length_, 0);
    pages_ = std::exchange(other.pages_, {});
  }
  return *this;
}

Result<void> KvSequence::extend(int32_t count) {
  const int64_t wanted = pages_for(int64_t{length_} + count) - static_cast<int64_t>(pages_.size());
  if (wanted > cache_->free_pages()) {
    return Error{
        ErrorCode::kContextOverflow,
        fmt::format("no room for {} more positions after {}: {} of the context's {} are free; raise the "
                    "context size or shorten the text",
                    count, length_, int64_t{cache_->free_pages()} * kPagePositions,
                    int64_t{cache_->layout().page_count} * kPagePositions)};
  }
  for (int64_t i = 0; i < wanted; ++i) pages_.push_back(cache_->take_page());
  length_ += count;
  return {};
}

void KvSequence::truncate(int32_t length) {
  length_ = std::min(length_, length);
  const auto keep = static_cast<size_t>(pages_for(length_));
  while (pages_.size() > keep) {
    cache_->release_page(pages_.back());
    pages_.pop_back();
  }
}

KvSequence KvSequence::share_prefix(int32_t length) const {
  KvSequence shared(*cache_);
  const int32_t whole_pages = std::min(length, length_) / kPagePositions;
  shared.pages_.assign(pages_.begin(), pages_.begin() + whole_pages);
  for (const int32_t page : shared.pages_) cache_->share_page(page);
  shared.length_ = whole_pages * kPagePositions;
  return shared;
}

}  // namespace hearth
