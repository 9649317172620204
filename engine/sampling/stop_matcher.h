// Ends an answer at a stop string, wherever token boundaries fall within it.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace hearth {

/// Text goes in as it is generated and comes out as soon as it can no longer be part of a stop string.
class StopMatcher {
 public:
  /// `stops` must not be empty strings.
  explicit StopMatcher(std::vector<std::string> stops) : stops_(std::move(stops)) {}

  /// Adds text and returns what may be shown. Where several stop strings occur, the one that begins first
  /// ends the text, and the shortest of those that begin there; it is not shown itself.
  std::string push(std::string_view text);
  /// Whether a stop string occurred; nothing more comes out then.
  bool stopped() const { return !found_.empty(); }
  /// The one that did; empty until then.
  const std::string& found() const { return found_; }
  /// What was withheld, when the text ended without a stop string.
  std::string finish();

 private:
  size_t withheld_length() const;

  std::vector<std::string> stops_;
  std::string pending_;
  std::string found_;
};

}  // namespace hearth
