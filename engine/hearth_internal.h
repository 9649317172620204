// What the files of the C interface share: the handles, and how values and errors cross over. Private to
// the files beside it.
#pragma once

#include <fmt/format.h>

#include <algorithm>
#include <cstdint>
#include <cstring>
#include <memory>
#include <new>
#include <nlohmann/json.hpp>
#include <span>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "engine/hearth.h"
#include "engine/runtime/engine.h"

struct hearth_model : hearth::Engine {};

struct hearth_generation {
  std::shared_ptr<hearth::Generation> generation;
  hearth::GenerationEvent event;  // the one handed out last
  std::string json;               // what it carries
};

namespace hearth {

/// The public number of a code.
hearth_status status_of(ErrorCode code);
/// Keeps `message` for hearth_error_message. Takes no memory.
hearth_status fail(ErrorCode code, std::string_view message);

inline hearth_status report(const Result<void>& result) {
  return result.ok() ? HEARTH_OK : fail(result.error().code, result.error().message);
}

/// Runs `body`, a function that returns Result<void>. What the standard library throws becomes a status; a
/// build without exceptions ends where they would be thrown.
template <typename Body>
hearth_status guarded(const Body& body) noexcept {
#if defined(__cpp_exceptions)
  try {
    return report(body());
  } catch (const std::bad_alloc&) {
    return fail(ErrorCode::kOutOfMemory, "an allocation failed");
  } catch (const std::length_error&) {
    return fail(ErrorCode::kOutOfMemory, "an allocation larger than the address space was asked for");
  } catch (const std::exception& problem) {
    return fail(ErrorCode::kInternal, problem.what());
  } catch (...) {
    return fail(ErrorCode::kInternal, "an unknown exception");
  }
#else
  return report(body());
#endif
}

inline Error invalid(std::string message) { return {ErrorCode::kInvalidArgument, std::move(message)}; }

inline Result<void> require(const void* pointer, const char* name) {
  if (pointer != nullptr) return {};
  return invalid(fmt::format("{} must not be NULL", name));
}

/// `data` with `size` elements; a NULL is fine for none.
template <typename T>
Result<std::span<const T>> as_span(const T* data, size_t size, const char* name) {
  if (size > 0) HEARTH_TRY(require(data, name));
  return std::span<const T>(data, size);
}

/// What was read of the texts, to be freed with hearth_bytes_free.
Result<hearth_bytes> saved_texts(const Scheduler& scheduler, const KeptTexts& texts);

inline constexpr uint32_t kSmallestStruct = 2 * sizeof(uint32_t);

inline Result<void> check_struct_size(uint32_t struct_size, const char* name) {
  if (struct_size >= kSmallestStruct) return {};
  return invalid(fmt::format("{}.struct_size is {}; set it to the size of the struct", name, struct_size));
}

/// What the caller knows of a struct, over our defaults.
template <typename T>
Result<T> options_from(const T* given, T defaults, const char* name) {
  if (given == nullptr) return defaults;
  HEARTH_TRY(check_struct_size(given->struct_size, name));
  std::memcpy(&defaults, given, std::min<size_t>(given->struct_size, sizeof(T)));
  return defaults;
}

/// Copies what the caller knows of a struct; what only the caller knows becomes 0.
template <typename T>
void hand_out(T values, T* to, size_t struct_size) {
  std::memset(to, 0, struct_size);
  values.struct_size = static_cast<uint32_t>(std::min(struct_size, sizeof(T)));
  std::memcpy(to, &values, values.struct_size);
}

/// Bytes that are not UTF-8, which a file's texts may have, become U+FFFD.
std::string to_text(const nlohmann::ordered_json& json);

/// Copies into memory that the caller frees.
Result<void> hand_out(std::string_view from, hearth_text* to);
Result<void> hand_out(const std::vector<TokenId>& from, hearth_tokens* to);

}  // namespace hearth
