#include "engine/model/convert/tensor_pattern.h"

#include <fmt/format.h>

#include <array>

namespace hearth {

Result<TensorPattern> TensorPattern::compile(const std::string& pattern) {
  auto compiled = std::make_unique<regex_t>();
  if (const int fault = regcomp(compiled.get(), pattern.c_str(), REG_EXTENDED | REG_NOSUB); fault != 0) {
    std::array<char, 256> reason{};
    regerror(fault, compiled.get(), reason.data(), reason.size());
    return Error{
        ErrorCode::kInvalidArgument,
        fmt::format("'{}' is no regular expression for names of tensors: {}", pattern, reason.data())};
  }
  TensorPattern result;
  result.text_ = pattern;
  result.compiled_ = std::shared_ptr<const regex_t>(compiled.release(), [](const regex_t* expression) {
    auto* owned = const_cast<regex_t*>(expression);
    regfree(owned);
    delete owned;
  });
  return result;
}

bool TensorPattern::matches(std::string_view name) const {
  return regexec(compiled_.get(), std::string(name).c_str(), 0, nullptr, 0) == 0;
}

}  // namespace hearth
