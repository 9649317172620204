// Errors as values: what every fallible function of the engine returns.
//
// An Error has one stable code, the same in C++, C, TypeScript, Python and HTTP, and a message for people
// that says what happened, where (file, key, tensor, byte, line) and what to do about it.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>

namespace hearth {

/// What each means: error_codes.cpp, from which all faces have their names.
enum class ErrorCode {
  kAborted,
  kTimeout,
  kNetwork,
  kIntegrity,
  kInvalidModel,
  kUnsupportedModel,
  kModelTooLarge,
  kOutOfMemory,
  kContextOverflow,
  kCacheQuota,
  kDeviceLost,
  kInvalidArgument,
  kNotFound,
  kIo,
  kDisposed,
  kServer,
  kInternal,
  kUnsupported,
  kWorkerNotSupported,
};

/// The code's public name, for example "INVALID_MODEL". Never changes once released.
std::string_view error_code_name(ErrorCode code);

struct Error {
  ErrorCode code;
  std::string message;
};

/// A T, or the Error that explains why there is none.
template <typename T>
class [[nodiscard]] Result {
 public:
  // NOLINTNEXTLINE(google-explicit-constructor)
  Result(T value) : state_(std::in_place_index<0>, std::move(value)) {}
  // NOLINTNEXTLINE(google-explicit-constructor)
  Result(Error error) : state_(std::in_place_index<1>, std::move(error)) {}

  bool ok() const { return state_.index() == 0; }
  explicit operator bool() const { return ok(); }

  /// Requires ok().
  T& value() & { return *std::get_if<0>(&state_); }
  const T& value() const& { return *std::get_if<0>(&state_); }
  T&& value() && { return std::move(*std::get_if<0>(&state_)); }
  T& operator*() & { return value(); }
  const T& operator*() const& { return value(); }
  T&& operator*() && { return std::move(*this).value(); }
  T* operator->() { return &value(); }
  const T* operator->() const { return &value(); }

  /// Requires !ok().
  const Error& error() const& { return *std::get_if<1>(&state_); }
  Error&& error() && { return std::move(*std::get_if<1>(&state_)); }

 private:
  std::variant<T, Error> state_;
};

/// Success, or the Error that explains what went wrong.
template <>
class [[nodiscard]] Result<void> {
 public:
  Result() = default;
  Result(Error error) : error_(std::move(error)) {}  // NOLINT(google-explicit-constructor)

  bool ok() const { return !error_; }
  explicit operator bool() const { return ok(); }

  /// Requires !ok().
  const Error& error() const& { return *error_; }
  Error&& error() && { return std::move(*error_); }

 private:
  std::optional<Error> error_;
};

}  // namespace hearth

#define HEARTH_CONCAT_(a, b) a##b
#define HEARTH_CONCAT(a, b) HEARTH_CONCAT_(a, b)

/// HEARTH_TRY(expression): returns the Error from the enclosing function if the Result is one.
#define HEARTH_TRY(expression)                                    \
  do {                                                            \
    if (auto hearth_result = (expression); !hearth_result.ok()) { \
      return std::move(hearth_result).error();                    \
    }                                                             \
  } while (false)

/// HEARTH_ASSIGN(auto x, expression): x takes the Result's value, or the Error is returned.
#define HEARTH_ASSIGN(declaration, expression)                         \
  auto HEARTH_CONCAT(hearth_result_, __LINE__) = (expression);         \
  if (!HEARTH_CONCAT(hearth_result_, __LINE__).ok()) {                 \
    return std::move(HEARTH_CONCAT(hearth_result_, __LINE__)).error(); \
  }                                                                    \
  declaration = std::move(HEARTH_CONCAT(hearth_result_, __LINE__)).value()
