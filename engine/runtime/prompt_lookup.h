// Drafts from the text itself: what followed its last words where they stood before (prompt lookup; Saxena
// 2023). Costs nothing to speak of, and comes true where an answer repeats its prompt: edits, summaries,
// code.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "engine/text/tokenizer.h"

namespace hearth {

/// At most `count` tokens that may come next; none where the last two tokens did not stand together before.
/// Of several places the one whose words before agree furthest counts, and of equal ones the last.
std::vector<TokenId> look_up(std::span<const TokenId> text, int32_t count);

}  // namespace hearth
