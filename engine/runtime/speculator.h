// Drafts for the generations that write: what their own text suggests at once, what a draft model suggests
// round by round. The target model then computes a draft's rows in one batch, and each row is sampled as if
// it had come alone: a drafted token comes true where it is the one that was drawn. So the text is the same,
// to the token, as without speculation.
#pragma once

#include <memory>

#include "engine/base/result.h"
#include "engine/runtime/draft_model.h"
#include "engine/runtime/generation_queue.h"
#include "engine/runtime/speculation.h"

namespace hearth {

class Speculator {
 public:
  /// `draft_model` may be null. `can_go_back`: whether the target's states can forget what did not come true.
  Speculator(std::unique_ptr<DraftModel> draft_model, int32_t context_size, bool can_go_back)
      : draft_model_(std::move(draft_model)), context_size_(context_size), can_go_back_(can_go_back) {}

  bool has_draft_model() const { return draft_model_ != nullptr; }
  /// Of the draft model's keys and values; 0 where there is none.
  uint64_t cache_bytes() const { return draft_model_ ? draft_model_->cache_bytes() : 0; }

  /// How a request is drafted for. INVALID_ARGUMENT where it asks for a draft model and there is none.
  Result<Speculation> choose(const GenerationOptions& options) const;

  /// Drafts for those that write. What the draft model does goes on until is_drafting says no.
  void begin(const GenerationQueue& queue);
  bool is_drafting() const { return is_drafting_; }
  /// Goes on as far as it can without waiting.
  void advance();
  /// Goes on to the end.
  void finish();
  /// Keeps what the draft model has read of a generation that ends.
  void keep(const Generation& generation);

 private:
  std::unique_ptr<DraftModel> draft_model_;
  int32_t context_size_;
  bool can_go_back_;
  bool is_drafting_ = false;
};

}  // namespace hearth
