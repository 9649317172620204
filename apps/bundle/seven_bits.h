// Bytes as text of an HTML page, seven bits to a character: an eighth more than the bytes, where base64 takes
// a third. packages/bundle/src/seven_bits.ts reads it.
#pragma once

#include <cstddef>
#include <span>
#include <string>

namespace hearth::bundle {

/// The high bits first; the last character is filled up with zeros. What a script element would not give back
/// as it was, or would end at (NUL, CR, "<"), has 128 added to it. In UTF-8.
std::string seven_bits(std::span<const std::byte> bytes);

}  // namespace hearth::bundle
