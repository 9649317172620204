#include "engine/text/vocabulary.h"

#include <algorithm>
#include <bit>

#include "engine/text/text_hash.h"

namespace hearth {
namespace {

constexpr std::string_view kHexDigits = "0123456789ABCDEF";

/// -1 for anything but 0-9, A-F, a-f.
int hex_value(char digit) {
  if (digit >= '0' && digit <= '9') return digit - '0';
  if (digit >= 'A' && digit <= 'F') return digit - 'A' + 10;
  if (digit >= 'a' && digit <= 'f') return digit - 'a' + 10;
  return -1;
}

}  // namespace

Vocabulary::Vocabulary() : seed_(hash_seed()) { grow(64); }

void Vocabulary::reserve(size_t tokens, size_t bytes) {
  texts_.reserve(bytes);
  begins_.reserve(tokens + 1);
  types_.reserve(tokens);
  scores_.reserve(tokens);
  if (tokens * 2 > slots_.size()) grow(std::bit_ceil(tokens * 2));
}

TokenId Vocabulary::add(std::string_view text, TokenType type, float score) {
  const TokenId token = size();
  texts_ += text;
  begins_.push_back(static_cast<uint32_t>(texts_.size()));
  types_.push_back(type);
  scores_.push_back(score);
  if (types_.size() * 2 > slots_.size()) grow(slots_.size() * 2);
  if (!text.empty()) insert(static_cast<uint32_t>(hash_text(text, seed_)), token);
  return token;
}

void Vocabulary::grow(size_t slots) {
  std::vector<Slot> old(slots, Slot{0, kNoToken});
  old.swap(slots_);
  for (const Slot& slot : old) {
    if (slot.token != kNoToken) insert(slot.hash, slot.token);
  }
}

void Vocabulary::insert(uint32_t hash, TokenId token) {
  const size_t mask = slots_.size() - 1;
  size_t i = hash & mask;
  while (slots_[i].token != kNoToken) {
    if (slots_[i].hash == hash && text(slots_[i].token) == text(token)) return;
    i = (i + 1) & mask;
  }
  slots_[i] = {hash, token};
}

TokenId Vocabulary::find(std::string_view wanted) const {
  if (wanted.empty() || wanted.size() > kMaxTokenBytes) return kNoToken;
  const auto hash = static_cast<uint32_t>(hash_text(wanted, seed_));
  const size_t mask = slots_.size() - 1;
  for (size_t i = hash & mask; slots_[i].token != kNoToken; i = (i + 1) & mask) {
    if (slots_[i].hash == hash && text(slots_[i].token) == wanted) return slots_[i].token;
  }
  return kNoToken;
}

TokenId Vocabulary::find_byte(uint8_t byte) const {
  const char name[] = {'<', '0', 'x', kHexDigits[byte >> 4], kHexDigits[byte & 15], '>'};
  return find(std::string_view(name, sizeof name));
}

int Vocabulary::byte_value(TokenId token) const {
  const std::string_view name = text(token);
  if (name.size() != 6 || name.substr(0, 3) != "<0x" || name[5] != '>') return -1;
  const int high = hex_value(name[3]);
  const int low = hex_value(name[4]);
  return high < 0 || low < 0 ? -1 : high * 16 + low;
}

}  // namespace hearth
