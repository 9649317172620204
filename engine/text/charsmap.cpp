#include "engine/text/charsmap.h"

#include <fmt/core.h>

#include <algorithm>

namespace hearth {
namespace {

// Limits that keep the work and the result in proportion to the text, whatever the table says. The longest
// in Unicode's own normalisations are a tenth of these.
constexpr size_t kMaxReplacedBytes = 128;
constexpr size_t kMaxReplacementBytes = 512;

uint32_t load_uint32(const uint8_t* bytes) {
  return uint32_t{bytes[0]} | uint32_t{bytes[1]} << 8 | uint32_t{bytes[2]} << 16 | uint32_t{bytes[3]} << 24;
}

// A unit of the double array: the label that leads to it, where its children are, and whether one of them is
// the value of what has been read so far.
constexpr uint32_t kValueBit = uint32_t{1} << 31;
uint32_t label(uint32_t unit) { return unit & (kValueBit | 0xFF); }
bool has_value(uint32_t unit) { return (unit >> 8 & 1) != 0; }
uint32_t children(uint32_t unit) { return (unit >> 10) << ((unit & 0x200) >> 6); }
uint32_t value(uint32_t unit) { return unit & ~kValueBit; }

template <typename... Args>
Error fault(fmt::format_string<Args...> format, Args&&... args) {
  return {ErrorCode::kInvalidModel, fmt::format("key 'tokenizer.ggml.precompiled_charsmap': {}",
                                                fmt::format(format, std::forward<Args>(args)...))};
}

}  // namespace

Result<Charsmap> Charsmap::parse(std::span<const uint8_t> bytes) {
  if (bytes.size() < sizeof(uint32_t)) return fault("{} bytes are too few for its length", bytes.size());
  const uint64_t trie_bytes = load_uint32(bytes.data());
  if (trie_bytes % sizeof(uint32_t) != 0 || trie_bytes >= bytes.size() - sizeof(uint32_t)) {
    return fault("says that its table is {} bytes long, of {} bytes in all", trie_bytes, bytes.size());
  }
  Charsmap map;
  for (uint64_t at = 0; at < trie_bytes; at += sizeof(uint32_t)) {
    map.units_.push_back(load_uint32(bytes.data() + sizeof(uint32_t) + at));
  }
  const auto replacements = bytes.subspan(sizeof(uint32_t) + trie_bytes);
  map.replacements_.assign(replacements.begin(), replacements.end());

  if (map.replacements_.back() != '\0') return fault("its last replacement does not end");
  for (size_t begin = 0; begin < map.replacements_.size();) {
    const size_t end = map.replacements_.find('\0', begin);
    if (end - begin > kMaxReplacementBytes) {
      return fault("a replacement is {} bytes long; at most {} are allowed", end - begin,
                   kMaxReplacementBytes);
    }
    begin = end + 1;
  }
  return map;
}

Charsmap::Replacement Charsmap::find(std::string_view text) const {
  Replacement longest{0, {}};
  if (units_.empty()) return longest;
  uint32_t index = children(units_[0]);
  const size_t limit = std::min(text.size(), kMaxReplacedBytes);
  for (size_t i = 0; i < limit; ++i) {
    const auto byte = static_cast<uint8_t>(text[i]);
    index ^= byte;
    if (byte == 0 || index >= units_.size() || label(units_[index]) != byte) break;
    const uint32_t unit = units_[index];
    index ^= children(unit);
    if (!has_value(unit)) continue;
    if (index >= units_.size() || value(units_[index]) >= replacements_.size()) break;
    const std::string_view from = std::string_view(replacements_).substr(value(units_[index]));
    longest = {i + 1, from.substr(0, from.find('\0'))};
  }
  return longest;
}

}  // namespace hearth
