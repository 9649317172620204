// How calls of JavaScript are given bytes and give them back; what the exports of all modules have in common.
//
// Addresses and sizes are doubles: exact in both kinds of memory, where those of 64 bits would be BigInts. A
// call that has something to say leaves it as the result, which stays until the next call; one that fails
// returns kFailed and leaves {"code", "message"}.
#pragma once

#include <cstddef>
#include <cstdint>
#include <nlohmann/json_fwd.hpp>
#include <string>
#include <string_view>

#include "engine/hearth.h"

namespace hearth::wasm {

constexpr int kFailed = -1;

/// What the last call left.
extern std::string result;

inline void* pointer(double address) { return reinterpret_cast<void*>(static_cast<uintptr_t>(address)); }
inline double address(const void* pointer) {
  return static_cast<double>(reinterpret_cast<uintptr_t>(pointer));
}
inline std::string_view text_at(double address, double size) {
  return {static_cast<const char*>(pointer(address)), static_cast<size_t>(size)};
}

/// Without exceptions: bytes that are not UTF-8 become U+FFFD.
std::string to_text(const nlohmann::json& json);
nlohmann::json error_json(hearth_status status, const char* message);

int fail(hearth_status status, const char* message);
/// What became of a call of the C interface: 0, or kFailed with its message as the result.
int report(hearth_status status);

/// From now on the host hears where memory is full, and ends the call.
void tell_when_memory_is_full();

}  // namespace hearth::wasm
