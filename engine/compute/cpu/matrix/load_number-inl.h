// Numbers from where they need not be aligned.
#pragma once

namespace hearth::cpu {
namespace {

template <class Number>
inline Number load_number(const void* from) {
  Number number;
  __builtin_memcpy(&number, from, sizeof number);
  return number;
}

}  // namespace
}  // namespace hearth::cpu
