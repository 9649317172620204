#include "apps/serve/models/begun_text.h"

#include <utility>

namespace hearth::serve {

std::string BegunText::without(std::string piece, bool is_last) {
  if (passed_) return piece;
  held_ += piece;
  const bool may_be_it = held_.size() < text_.size() && text_.starts_with(held_);
  if (may_be_it && !is_last) return {};
  passed_ = true;
  if (held_.starts_with(text_)) held_.erase(0, text_.size());
  return std::exchange(held_, {});
}

}  // namespace hearth::serve
