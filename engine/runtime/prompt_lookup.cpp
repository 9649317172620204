#include "engine/runtime/prompt_lookup.h"

#include <cstddef>

namespace hearth {
namespace {

constexpr size_t kShortestMatch = 2;
/// Tokens that agree before a place; more do not make it a better one.
constexpr size_t kLongestMatch = 16;

/// How many tokens before `end` are as at the end of the text.
size_t match_before(std::span<const TokenId> text, size_t end) {
  size_t length = 0;
  while (length < kLongestMatch && length < end && text[end - 1 - length] == text[text.size() - 1 - length]) {
    ++length;
  }
  return length;
}

}  // namespace

std::vector<TokenId> look_up(std::span<const TokenId> text, int32_t count) {
  size_t place = 0;
  size_t longest = kShortestMatch - 1;
  for (size_t end = text.empty() ? 0 : text.size() - 1; end > longest && longest < kLongestMatch; --end) {
    const size_t length = match_before(text, end);
    if (length <= longest) continue;
    longest = length;
    place = end;
  }
  std::vector<TokenId> draft;
  if (place == 0) return draft;
  // A place near the end runs into the draft itself: a loop goes on as a loop.
  for (size_t next = place; draft.size() < static_cast<size_t>(count); ++next) {
    draft.push_back(next < text.size() ? text[next] : draft[next - text.size()]);
  }
  return draft;
}

}  // namespace hearth
