#include "apps/workflow/services/public_address.h"

#include <netinet/in.h>

#include <algorithm>
#include <array>
#include <cstdint>
#include <cstring>
#include <iterator>
#include <span>

namespace hearth::workflow {
namespace {

using Bytes = std::span<const uint8_t>;

/// Addresses that begin with the same bits.
struct Block {
  std::array<uint8_t, 4> begin;
  int bits;
};

/// IANA's registry of special addresses of IPv4, with multicast.
constexpr Block kSpecial[] = {
    {{0, 0, 0, 0}, 8},      {{10, 0, 0, 0}, 8},    {{100, 64, 0, 0}, 10},   {{127, 0, 0, 0}, 8},
    {{169, 254, 0, 0}, 16}, {{172, 16, 0, 0}, 12}, {{192, 0, 0, 0}, 24},    {{192, 0, 2, 0}, 24},
    {{192, 168, 0, 0}, 16}, {{198, 18, 0, 0}, 15}, {{198, 51, 100, 0}, 24}, {{203, 0, 113, 0}, 24},
    {{224, 0, 0, 0}, 3},
};

bool begins_with(Bytes address, Bytes begin, int bits) {
  for (size_t byte = 0; bits > 0; ++byte, bits -= 8) {
    const int mask = bits >= 8 ? 0xFF : 0xFF << (8 - bits) & 0xFF;
    if (((address[byte] ^ begin[byte]) & mask) != 0) return false;
  }
  return true;
}

bool is_public_v4(Bytes address) {
  return std::none_of(std::begin(kSpecial), std::end(kSpecial),
                      [&](const Block& block) { return begins_with(address, block.begin, block.bits); });
}

/// Global ones are those of 2000::/3, but for what is set apart there; two kinds carry an address of IPv4.
bool is_public_v6(Bytes address) {
  constexpr std::array<uint8_t, 12> kMapped = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xFF, 0xFF};
  constexpr std::array<uint8_t, 12> kTranslated = {0, 0x64, 0xFF, 0x9B};
  if (begins_with(address, kMapped, 96) || begins_with(address, kTranslated, 96))
    return is_public_v4(address.subspan(12));
  constexpr std::array<uint8_t, 2> k6To4 = {0x20, 0x02};
  if (begins_with(address, k6To4, 16)) return is_public_v4(address.subspan(2));
  constexpr std::array<uint8_t, 1> kGlobal = {0x20};
  constexpr std::array<uint8_t, 4> kProtocols = {0x20, 0x01, 0, 0};
  constexpr std::array<uint8_t, 4> kDocumentation = {0x20, 0x01, 0x0D, 0xB8};
  return begins_with(address, kGlobal, 3) && !begins_with(address, kProtocols, 23) &&
         !begins_with(address, kDocumentation, 32);
}

}  // namespace

bool is_public(const sockaddr& address) {
  if (address.sa_family == AF_INET) {
    sockaddr_in v4{};
    std::memcpy(&v4, &address, sizeof(v4));
    return is_public_v4(Bytes(reinterpret_cast<const uint8_t*>(&v4.sin_addr), 4));
  }
  if (address.sa_family == AF_INET6) {
    sockaddr_in6 v6{};
    std::memcpy(&v6, &address, sizeof(v6));
    return is_public_v6(Bytes(reinterpret_cast<const uint8_t*>(&v6.sin6_addr), 16));
  }
  return false;
}

}  // namespace hearth::workflow
