// The list of error codes that C, TypeScript and the documentation are made from, or checked against
// (error_codes_test.cpp). A new code comes last: in the C ABI they are numbers.
#pragma once

#include <span>
#include <string_view>

#include "engine/base/result.h"

namespace hearth {

struct ErrorCodeEntry {
  ErrorCode code;
  std::string_view name;     // "INVALID_MODEL": the same on every face, for good
  std::string_view meaning;  // of the code; the message of an error says what happened
  std::string_view remedy;   // what a user can do, in Markdown; empty where the meaning says it all
};

/// All of them, in ErrorCode's order. Static lifetime.
std::span<const ErrorCodeEntry> error_codes();

}  // namespace hearth
