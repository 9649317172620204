#include "engine/compute/gpu/packed.h"

namespace hearth::gpu {

size_t take_packed_number(std::span<const uint8_t>& from) {
  size_t number = 0;
  for (int shift = 0;; shift += 7) {
    const uint8_t byte = from.front();
    from = from.subspan(1);
    number |= static_cast<size_t>(byte & 127) << shift;
    if (byte < 128) return number;
  }
}

std::vector<uint8_t> unpack(std::span<const uint8_t> packed) {
  std::vector<uint8_t> bytes;
  while (true) {
    const size_t count = take_packed_number(packed);
    bytes.insert(bytes.end(), packed.begin(), packed.begin() + static_cast<std::ptrdiff_t>(count));
    packed = packed.subspan(count);
    if (packed.empty()) return bytes;
    const size_t length = take_packed_number(packed);
    const size_t distance = take_packed_number(packed);
    // One by one, as what is copied may go on into itself.
    for (size_t i = 0; i < length; ++i) bytes.push_back(bytes[bytes.size() - distance]);
  }
}

}  // namespace hearth::gpu
