#include "engine/text/text_hash.h"

#include <cstring>
#include <random>

namespace hearth {

uint64_t hash_seed() {
  static const uint64_t seed = [] {
    std::random_device device;
    return uint64_t{device()} << 32 | device();
  }();
  return seed;
}

uint64_t hash_text(std::string_view text, uint64_t seed) {
  uint64_t hash = seed ^ text.size();
  while (text.size() >= 8) {
    uint64_t chunk;
    std::memcpy(&chunk, text.data(), 8);
    hash = hash_number(chunk, hash) * 0x9E3779B97F4A7C15;
    text.remove_prefix(8);
  }
  uint64_t rest = 0;
  if (!text.empty()) std::memcpy(&rest, text.data(), text.size());
  return hash_number(rest, hash);
}

}  // namespace hearth
