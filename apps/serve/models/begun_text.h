// The text that a prompt has begun of an answer, which belongs to the prompt.
#pragma once

#include <algorithm>
#include <string>
#include <string_view>

namespace hearth::serve {

/// The engine reads an answer from where the model's turn begins, so that it tells what stands there before
/// the model writes, unless that is long. Takes it out of what it tells.
class BegunText {
 public:
  /// "" for none.
  explicit BegunText(std::string_view text)
      : text_(text.substr(std::min(text.find_first_not_of(" \t\r\n"), text.size()))) {}

  /// The answer's next piece without it; held back as long as it may be the begun text.
  std::string without(std::string piece, bool is_last);

 private:
  std::string text_;
  std::string held_;
  bool passed_ = false;
};

}  // namespace hearth::serve
