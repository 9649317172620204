// What ends a request that can't be served: thrown by whoever finds out, and written in the dialect of the
// request by who has called it.
#pragma once

#include <chrono>
#include <cstdint>
#include <exception>
#include <memory>
#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "engine/base/result.h"

namespace hearth::serve {

class Refusal : public std::exception {
 public:
  Refusal(int http_status, ErrorCode error_code, std::string what_happened)
      : status(http_status), code(error_code), message(std::move(what_happened)) {}
  /// With the HTTP status that the code has by itself.
  explicit Refusal(Error error) : Refusal(status_of(error.code), error.code, std::move(error.message)) {}

  /// The same, naming the member of the request that is wrong.
  Refusal about(std::string member) && {
    param = std::move(member);
    return std::move(*this);
  }

  /// The same, telling clients a figure by that name.
  Refusal with(std::string name, int64_t figure) && {
    figures.emplace_back(std::move(name), figure);
    return std::move(*this);
  }

  /// The same, saying when it is worth to try again.
  Refusal after(std::chrono::seconds wait) && {
    retry_after = wait;
    return std::move(*this);
  }

  const char* what() const noexcept override { return message.c_str(); }

  int status;
  ErrorCode code;
  std::string message;
  std::string type;                                      // OpenAI's name for the kind; empty: by the status
  std::string param;                                     // the member of the request that is wrong
  std::vector<std::pair<std::string, int64_t>> figures;  // what else clients are told, by name
  std::optional<std::chrono::seconds> retry_after;       // when to try again
  std::string allowed;  // methods that the path takes, where the status is 405
  std::shared_ptr<const nlohmann::ordered_json> faults;  // of the workflow that the request names

  static int status_of(ErrorCode code);
};

/// A member of the request is not what it must be.
[[noreturn]] void refuse_param(std::string param, const std::string& message);

/// The value, or a Refusal.
template <typename T>
T value_or_refuse(Result<T> result) {
  if (!result.ok()) throw Refusal(std::move(result).error());
  return std::move(result).value();
}

}  // namespace hearth::serve
