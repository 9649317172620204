#include "engine/text/unicode.h"

#include <algorithm>
#include <iterator>
#include <utility>

#include "engine/text/unicode_tables.h"

namespace hearth {

namespace tables = unicode_tables;
namespace {

constexpr char32_t kMaxCodePoint = 0x10FFFF;

// Hangul syllables are laid out so that their parts can be computed (The Unicode Standard, section 3.12).
constexpr char32_t kFirstSyllable = 0xAC00;
constexpr char32_t kFirstLead = 0x1100;
constexpr char32_t kFirstVowel = 0x1161;
constexpr char32_t kNoTrail = 0x11A7;  // the first trail follows it
constexpr char32_t kLeads = 19;
constexpr char32_t kVowels = 21;
constexpr char32_t kTrails = 28;  // with none

bool is_hangul_syllable(char32_t code_point) {
  return code_point >= kFirstSyllable && code_point < kFirstSyllable + kLeads * kVowels * kTrails;
}

/// What a lead byte promises: the character's length, its own payload bits, and the range of the second byte,
/// which excludes overlong forms, surrogates and values above U+10FFFF (The Unicode Standard, table 3-7).
struct Lead {
  uint8_t bytes;
  uint8_t payload;
  uint8_t second_min;
  uint8_t second_max;
};

Lead read_lead(uint8_t byte) {
  if (byte >= 0xC2 && byte <= 0xDF) return {2, static_cast<uint8_t>(byte & 0x1F), 0x80, 0xBF};
  const auto low = static_cast<uint8_t>(byte & 0x0F);
  if (byte == 0xE0) return {3, low, 0xA0, 0xBF};
  if (byte == 0xED) return {3, low, 0x80, 0x9F};
  if (byte >= 0xE1 && byte <= 0xEF) return {3, low, 0x80, 0xBF};
  if (byte == 0xF0) return {4, low, 0x90, 0xBF};
  if (byte >= 0xF1 && byte <= 0xF3) return {4, low, 0x80, 0xBF};
  if (byte == 0xF4) return {4, low, 0x80, 0x8F};
  return {0, 0, 0, 0};
}

}  // namespace

Utf8Character decode_utf8(std::string_view text) {
  const auto first = static_cast<uint8_t>(text[0]);
  if (first < 0x80) return {first, 1, Utf8State::kValid};
  const Lead lead = read_lead(first);
  if (lead.bytes == 0) return {kReplacementCharacter, 1, Utf8State::kInvalid};

  char32_t code_point = lead.payload;
  for (uint8_t i = 1; i < lead.bytes; ++i) {
    if (i == text.size()) return {kReplacementCharacter, i, Utf8State::kUnfinished};
    const auto byte = static_cast<uint8_t>(text[i]);
    const uint8_t min = i == 1 ? lead.second_min : 0x80;
    const uint8_t max = i == 1 ? lead.second_max : 0xBF;
    if (byte < min || byte > max) return {kReplacementCharacter, i, Utf8State::kInvalid};
    code_point = code_point << 6 | (byte & 0x3F);
  }
  return {code_point, lead.bytes, Utf8State::kValid};
}

void append_utf8(std::string& out, char32_t code_point) {
  const auto continuation = [&](int shift) { return static_cast<char>(0x80 | (code_point >> shift & 0x3F)); };
  if (code_point < 0x80) {
    out += static_cast<char>(code_point);
  } else if (code_point < 0x800) {
    out += static_cast<char>(0xC0 | code_point >> 6);
    out += continuation(0);
  } else if (code_point < 0x10000) {
    out += static_cast<char>(0xE0 | code_point >> 12);
    out += continuation(6);
    out += continuation(0);
  } else {
    out += static_cast<char>(0xF0 | code_point >> 18);
    out += continuation(12);
    out += continuation(6);
    out += continuation(0);
  }
}

std::string valid_utf8(std::string_view bytes) {
  std::string valid;
  valid.reserve(bytes.size());
  for (size_t offset = 0; offset < bytes.size();) {
    const Utf8Character character = decode_utf8(bytes.substr(offset));
    append_utf8(valid, character.code_point);
    offset += character.bytes;
  }
  return valid;
}

CharacterClass classify(char32_t code_point) {
  if (code_point > kMaxCodePoint) return {GeneralCategory::kCn, false, false};
  const uint8_t bits =
      tables::kClasses[tables::kBlockOf[code_point / tables::kBlockSize] * tables::kBlockSize +
                       code_point % tables::kBlockSize];
  return {static_cast<GeneralCategory>(bits & tables::kCategoryMask), (bits & tables::kWhiteSpaceBit) != 0,
          (bits & tables::kHanBit) != 0};
}

bool in_ranges(std::span<const CodePointRange> ranges, char32_t code_point) {
  const auto after =
      std::upper_bound(ranges.begin(), ranges.end(), code_point,
                       [](char32_t value, const CodePointRange& range) { return value < range.first; });
  return after != ranges.begin() && code_point <= std::prev(after)->last;
}

char32_t to_lower(char32_t code_point) {
  const tables::LowercaseRun* end = tables::kLowercaseRuns + tables::kLowercaseRunCount;
  const tables::LowercaseRun* run =
      std::upper_bound(tables::kLowercaseRuns, end, code_point,
                       [](char32_t value, const tables::LowercaseRun& r) { return value < r.first; });
  if (run == tables::kLowercaseRuns) return code_point;
  --run;
  if (code_point > run->last || (code_point - run->first) % run->step != 0) return code_point;
  return static_cast<char32_t>(static_cast<int32_t>(code_point) + run->delta);
}

char32_t to_upper(char32_t code_point) {
  if (code_point < 0x80) return code_point >= 'a' && code_point <= 'z' ? code_point - 'a' + 'A' : code_point;
  for (size_t i = 0; i < tables::kLowercaseRunCount; ++i) {
    const tables::LowercaseRun& run = tables::kLowercaseRuns[i];
    const auto upper = static_cast<char32_t>(static_cast<int32_t>(code_point) - run.delta);
    if (upper >= run.first && upper <= run.last && (upper - run.first) % run.step == 0) return upper;
  }
  return code_point;
}

void append_decomposition(std::u32string& out, char32_t code_point) {
  if (is_hangul_syllable(code_point)) {
    const char32_t syllable = code_point - kFirstSyllable;
    out.push_back(kFirstLead + syllable / (kVowels * kTrails));
    out.push_back(kFirstVowel + syllable / kTrails % kVowels);
    if (syllable % kTrails != 0) out.push_back(kNoTrail + syllable % kTrails);
    return;
  }
  const tables::Decomposition* end = tables::kDecompositions + tables::kDecompositionCount;
  const tables::Decomposition* found =
      std::lower_bound(tables::kDecompositions, end, code_point,
                       [](const tables::Decomposition& d, char32_t value) { return d.code_point < value; });
  if (found == end || found->code_point != code_point) {
    out += code_point;
    return;
  }
  append_decomposition(out, found->first);
  if (found->second != 0) append_decomposition(out, found->second);
}

uint8_t combining_class(char32_t code_point) {
  if (!classify(code_point).in(kMarks)) return 0;
  const tables::CombiningClassRun* end = tables::kCombiningClassRuns + tables::kCombiningClassRunCount;
  const tables::CombiningClassRun* run =
      std::lower_bound(tables::kCombiningClassRuns, end, code_point,
                       [](const tables::CombiningClassRun& r, char32_t value) { return r.last < value; });
  return run != end && code_point >= run->first ? run->combining_class : 0;
}

char32_t compose_pair(char32_t first, char32_t second) {
  if (first >= kFirstLead && first < kFirstLead + kLeads && second >= kFirstVowel &&
      second < kFirstVowel + kVowels) {
    return kFirstSyllable + ((first - kFirstLead) * kVowels + (second - kFirstVowel)) * kTrails;
  }
  if (is_hangul_syllable(first) && (first - kFirstSyllable) % kTrails == 0 && second > kNoTrail &&
      second < kNoTrail + kTrails) {
    return first + (second - kNoTrail);
  }
  const uint16_t* end = tables::kCompositions + tables::kCompositionCount;
  const auto parts = [](uint16_t place) {
    return std::pair(tables::kDecompositions[place].first, tables::kDecompositions[place].second);
  };
  const std::pair wanted(first, second);
  const uint16_t* found =
      std::lower_bound(tables::kCompositions, end, wanted,
                       [&](uint16_t place, const auto& value) { return parts(place) < value; });
  return found != end && parts(*found) == wanted ? tables::kDecompositions[*found].code_point : kNotComposed;
}

}  // namespace hearth
