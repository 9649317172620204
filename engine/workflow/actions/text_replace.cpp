#include "engine/workflow/actions/text_replace.h"

#include <algorithm>

#include "engine/text/unicode.h"

namespace hearth::workflow {
namespace {

constexpr size_t kMostSteps = 50'000'000;

}  // namespace

Result<std::string> replace_matches(std::string_view text, const RegularSet& matches,
                                    std::string_view replacement) {
  const auto states = matches.states();
  std::string replaced;
  size_t work = 0;
  while (!text.empty()) {
    size_t longest = 0;
    const RegularSet::State* state = &states[0];
    for (size_t read = 0; read < text.size();) {
      const Utf8Character character = decode_utf8(text.substr(read));
      const auto arc = std::lower_bound(
          state->arcs.begin(), state->arcs.end(), character.code_point,
          [](const RegularSet::Arc& candidate, char32_t code_point) { return candidate.last < code_point; });
      if (++work > kMostSteps)
        return Error{ErrorCode::kUnsupported,
                     "replacing by this regular expression is too much work; give a shorter text"};
      if (arc == state->arcs.end() || character.code_point < arc->first) break;
      state = &states[arc->to];
      read += character.bytes;
      if (state->accepts) longest = read;
    }
    const size_t step = longest > 0 ? longest : decode_utf8(text).bytes;
    replaced += longest > 0 ? replacement : text.substr(0, step);
    text.remove_prefix(step);
  }
  return replaced;
}

}  // namespace hearth::workflow
