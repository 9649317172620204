// Hashes for tables that hold untrusted texts and numbers. Seeded, so that nobody can prepare colliding keys.
#pragma once

#include <cstdint>
#include <string_view>

namespace hearth {

/// A number that differs from process to process.
uint64_t hash_seed();

/// Spreads a 64-bit key over all bits (the finalizer of MurmurHash3).
inline uint64_t hash_number(uint64_t key, uint64_t seed) {
  key ^= seed;
  key = (key ^ key >> 33) * 0xFF51AFD7ED558CCD;
  key = (key ^ key >> 33) * 0xC4CEB9FE1A85EC53;
  return key ^ key >> 33;
}

uint64_t hash_text(std::string_view text, uint64_t seed);

}  // namespace hearth
