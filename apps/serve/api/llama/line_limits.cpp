#include "apps/serve/api/llama/line_limits.h"

namespace hearth::serve::llama {

/// Whether a line that began too far to the left shows with this character.
bool LineLimits::is_outdented(char next) {
  if (next == '\n') {
    has_line_ = is_beginning_ = true;
    indented_ = 0;
  } else if (is_beginning_ && (next == ' ' || next == '\t')) {
    ++indented_;
  } else if (is_beginning_) {
    is_beginning_ = false;
    return indented_ < indent_;
  }
  return false;
}

bool LineLimits::end_with(AnswerPart& part) {
  for (size_t at = 0; at < part.text.size(); ++at) {
    if (!is_outdented(part.text[at])) continue;
    part.text.resize(at);
    return true;
  }
  return has_line_ && milliseconds_ > 0 && part.figures.decode_ms > static_cast<double>(milliseconds_);
}

}  // namespace hearth::serve::llama
