// UTF-8 that tolerates bad bytes, and the character properties that tokenizers ask for. Unicode 15.0.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>

namespace hearth {

inline constexpr char32_t kReplacementCharacter = 0xFFFD;

enum class Utf8State : uint8_t {
  kValid,
  kInvalid,     // the bytes are no character
  kUnfinished,  // the text ends within what could still become a character
};

/// One character of a text, or the bytes where there is none (then code_point is U+FFFD).
struct Utf8Character {
  char32_t code_point;
  uint8_t bytes;  // 1 to 4; of a fault, the longest beginning of a character that is there
  Utf8State state;
};

/// The character that `text` begins with. Requires a text that is not empty. Surrogates, overlong forms and
/// values above U+10FFFF are invalid.
Utf8Character decode_utf8(std::string_view text);

/// Appends a code point up to U+10FFFF.
void append_utf8(std::string& out, char32_t code_point);

/// `bytes` with U+FFFD for whatever is no UTF-8.
std::string valid_utf8(std::string_view bytes);

/// The values of Unicode's General_Category, in the order of the generated table.
enum class GeneralCategory : uint8_t {
  kCn,
  kCc,
  kCf,
  kCo,
  kCs,
  kLl,
  kLm,
  kLo,
  kLt,
  kLu,
  kMc,
  kMe,
  kMn,
  kNd,
  kNl,
  kNo,
  kPc,
  kPd,
  kPe,
  kPf,
  kPi,
  kPo,
  kPs,
  kSc,
  kSk,
  kSm,
  kSo,
  kZl,
  kZp,
  kZs,
};

/// A set of general categories, one bit each.
using CategorySet = uint32_t;

constexpr CategorySet category_set(GeneralCategory category) {
  return CategorySet{1} << static_cast<uint8_t>(category);
}
template <typename... Categories>
constexpr CategorySet category_set(GeneralCategory first, Categories... others) {
  return category_set(first) | category_set(others...);
}

// The groups that regular expressions write \p{L}, \p{M}, \p{N}, \p{P} and \p{S}.
inline constexpr CategorySet kLetters =
    category_set(GeneralCategory::kLl, GeneralCategory::kLm, GeneralCategory::kLo, GeneralCategory::kLt,
                 GeneralCategory::kLu);
inline constexpr CategorySet kMarks =
    category_set(GeneralCategory::kMc, GeneralCategory::kMe, GeneralCategory::kMn);
inline constexpr CategorySet kNumbers =
    category_set(GeneralCategory::kNd, GeneralCategory::kNl, GeneralCategory::kNo);
inline constexpr CategorySet kPunctuation =
    category_set(GeneralCategory::kPc, GeneralCategory::kPd, GeneralCategory::kPe, GeneralCategory::kPf,
                 GeneralCategory::kPi, GeneralCategory::kPo, GeneralCategory::kPs);
inline constexpr CategorySet kSymbols =
    category_set(GeneralCategory::kSc, GeneralCategory::kSk, GeneralCategory::kSm, GeneralCategory::kSo);

struct CharacterClass {
  GeneralCategory category;
  bool white_space;  // the property White_Space: what regular expressions write \s
  bool han;          // the script Han

  bool in(CategorySet set) const { return (set & category_set(category)) != 0; }
};

/// kCn for anything above U+10FFFF.
CharacterClass classify(char32_t code_point);

struct CodePointRange {
  char32_t first;
  char32_t last;
};
/// Whether ranges in ascending order hold the code point.
bool in_ranges(std::span<const CodePointRange> ranges, char32_t code_point);

/// The simple lower-case mapping.
char32_t to_lower(char32_t code_point);
/// The simple upper-case mapping, as the inverse of to_lower.
char32_t to_upper(char32_t code_point);

/// Appends the full canonical decomposition (NFD without reordering of marks).
void append_decomposition(std::u32string& out, char32_t code_point);

/// Where a mark goes among the marks of a character (Canonical_Combining_Class); 0 for what is not reordered.
uint8_t combining_class(char32_t code_point);

/// The one code point that canonically composes the two; kNotComposed where there is none.
inline constexpr char32_t kNotComposed = 0;
char32_t compose_pair(char32_t first, char32_t second);

}  // namespace hearth
