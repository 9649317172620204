#include "engine/sampling/stop_matcher.h"

#include <algorithm>
#include <utility>

namespace hearth {

std::string StopMatcher::push(std::string_view text) {
  if (stopped()) return {};
  pending_ += text;
  size_t first = std::string::npos;
  for (const std::string& stop : stops_) {
    const size_t at = pending_.find(stop);
    if (at == std::string::npos || at > first || (at == first && stop.size() > found_.size())) continue;
    first = at;
    found_ = stop;
  }
  std::string shown = pending_.substr(0, stopped() ? first : pending_.size() - withheld_length());
  pending_.erase(0, stopped() ? pending_.size() : shown.size());
  return shown;
}

std::string StopMatcher::finish() { return std::exchange(pending_, {}); }

/// The length of the longest end of the pending text with which a stop string begins.
size_t StopMatcher::withheld_length() const {
  size_t longest = 0;
  for (const std::string& stop : stops_) {
    for (size_t length = std::min(stop.size() - 1, pending_.size()); length > longest; --length) {
      if (pending_.ends_with(std::string_view(stop).substr(0, length))) longest = length;
    }
  }
  return longest;
}

}  // namespace hearth
