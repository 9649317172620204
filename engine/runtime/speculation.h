// Whether an answer is drafted ahead, and how far.
#pragma once

#include <algorithm>
#include <cstdint>

namespace hearth {

enum class Speculation {
  kOff,
  kLookup,  // from its own text (prompt_lookup.h)
  kDraft,   // by a smaller model (draft_model.h)
};

/// How many tokens to draft at once: more while drafts come true, fewer when they do not, and none for a
/// while when nothing did, since every drafted row costs something.
class DraftLength {
 public:
  explicit DraftLength(int32_t most) : most_(most), length_(std::min(most, 4)) {}

  /// For the next step; 0 for a step without a draft.
  int32_t next() {
    if (resting_ == 0) return length_;
    --resting_;
    return 0;
  }

  /// What became of a draft of at least one token.
  void learn(int32_t drafted, int32_t accepted) {
    if (accepted == drafted) {
      length_ = std::min(most_, std::max(length_, 2 * drafted));
    } else {
      length_ = std::min(most_, accepted + 1);
    }
    rest_ = accepted > 0 ? 0 : std::min(kLongestRest, 2 * rest_ + 1);
    resting_ = rest_;
  }

 private:
  static constexpr int32_t kLongestRest = 31;  // steps

  int32_t most_;
  int32_t length_;
  int32_t rest_ = 0;     // steps to wait after a draft of which nothing came true
  int32_t resting_ = 0;  // of them still to come
};

}  // namespace hearth
