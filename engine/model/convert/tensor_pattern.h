// Which tensors a user means: extended regular expressions (POSIX), found anywhere in a tensor's name.
#pragma once

#include <regex.h>

#include <memory>
#include <string>
#include <string_view>

#include "engine/base/result.h"

namespace hearth {

class TensorPattern {
 public:
  /// INVALID_ARGUMENT with the reason for what is no regular expression.
  static Result<TensorPattern> compile(const std::string& pattern);

  bool matches(std::string_view name) const;
  const std::string& text() const { return text_; }

 private:
  TensorPattern() = default;

  std::string text_;
  std::shared_ptr<const regex_t> compiled_;
};

}  // namespace hearth
