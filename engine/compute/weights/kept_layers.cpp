#include "engine/compute/weights/kept_layers.h"

#include <algorithm>

namespace hearth {
namespace {

/// `kept` of `count` layers, spread evenly.
std::vector<bool> spread(size_t kept, size_t count) {
  std::vector<bool> stays(count);
  for (size_t index = 0; index < count; ++index) {
    stays[index] = (index + 1) * kept / count > index * kept / count;
  }
  return stays;
}

uint64_t bytes_of(const std::vector<bool>& stays, const std::vector<uint64_t>& layer_bytes) {
  uint64_t bytes = 0;
  for (size_t index = 0; index < stays.size(); ++index) bytes += stays[index] ? layer_bytes[index] : 0;
  return bytes;
}

}  // namespace

std::vector<bool> layers_to_keep(const std::vector<uint64_t>& layer_bytes, uint64_t budget,
                                 uint64_t room_for_turns) {
  const size_t count = layer_bytes.size();
  std::vector<bool> all(count, true);
  if (count == 0 || bytes_of(all, layer_bytes) <= budget) return all;
  const uint64_t room = budget - room_for_turns;
  // Bisection, because a file of a few MB can describe some 100,000 layers.
  size_t kept = 0;
  for (size_t too_many = count; too_many - kept > 1;) {
    const size_t middle = kept + (too_many - kept) / 2;
    (bytes_of(spread(middle, count), layer_bytes) <= room ? kept : too_many) = middle;
  }
  return spread(kept, count);
}

}  // namespace hearth
