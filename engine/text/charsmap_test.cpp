#include "engine/text/charsmap.h"

#include <gtest/gtest.h>

namespace hearth {
namespace {

void append_uint32(std::vector<uint8_t>& out, uint32_t value) {
  for (int shift = 0; shift < 32; shift += 8) out.push_back(static_cast<uint8_t>(value >> shift));
}

/// A double array for the keys "A" -> "a" and "AB" -> "x": children of a unit are at its own index xor its
/// offset xor their label, the value at label 0.
std::vector<uint8_t> small_map() {
  constexpr uint32_t kValueBit = uint32_t{1} << 31;
  std::vector<uint32_t> units(512, 0);
  const auto offset = [](uint32_t index, uint32_t children) { return (index ^ children) << 10; };
  units[0] = offset(0, 256);
  const uint32_t a = 256 ^ 'A';
  units[a] = offset(a, 128) | 1 << 8 | 'A';
  units[128] = kValueBit | 0;
  const uint32_t b = 128 ^ 'B';
  units[b] = offset(b, 64) | 1 << 8 | 'B';
  units[64] = kValueBit | 2;

  std::vector<uint8_t> bytes;
  append_uint32(bytes, static_cast<uint32_t>(units.size() * 4));
  for (const uint32_t unit : units) append_uint32(bytes, unit);
  for (const char c : {'a', '\0', 'x', '\0'}) bytes.push_back(static_cast<uint8_t>(c));
  return bytes;
}

TEST(Charsmap, ReplacesTheLongestBeginning) {
  const auto map = Charsmap::parse(small_map());
  ASSERT_TRUE(map.ok()) << map.error().message;
  EXPECT_EQ(map->find("ABC").bytes, 2U);
  EXPECT_EQ(map->find("ABC").text, "x");
  EXPECT_EQ(map->find("AC").bytes, 1U);
  EXPECT_EQ(map->find("AC").text, "a");
  EXPECT_EQ(map->find("B").bytes, 0U);
  EXPECT_EQ(map->find("").bytes, 0U);
  EXPECT_EQ(Charsmap().find("A").bytes, 0U);
}

TEST(Charsmap, RefusesWhatCannotBeRead) {
  const std::vector<uint8_t> good = small_map();
  EXPECT_FALSE(Charsmap::parse({}).ok());
  for (const size_t size : {size_t{3}, size_t{4}, size_t{100}, good.size() - 4, good.size() - 1}) {
    EXPECT_FALSE(Charsmap::parse(std::span(good).first(size)).ok()) << size;
  }
  std::vector<uint8_t> endless = good;
  endless.insert(endless.end() - 1, 1000, 'y');
  EXPECT_FALSE(Charsmap::parse(endless).ok());
}

TEST(Charsmap, StaysWithinADamagedTable) {
  std::vector<uint8_t> bytes = small_map();
  for (size_t at = 4; at < bytes.size() - 4; ++at) {
    const uint8_t was = bytes[at];
    bytes[at] = 0xFF;
    const auto map = Charsmap::parse(bytes);
    ASSERT_TRUE(map.ok());
    EXPECT_LE(map->find("ABAB").bytes, 4U);
    bytes[at] = was;
  }
}

}  // namespace
}  // namespace hearth
