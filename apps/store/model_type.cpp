#include "apps/store/model_type.h"

#include <algorithm>
#include <array>
#include <utility>

#include "apps/store/lower_case.h"
#include "engine/format/model_file.h"

namespace hearth::store {
namespace {

constexpr std::string_view kGguf = ".gguf";
constexpr std::string_view kDynamic = "ud-";

constexpr std::array<std::pair<std::string_view, int>, 9> kNamedTypes = {{{"tq1_0", 1},
                                                                          {"tq2_0", 2},
                                                                          {"mxfp4", 4},
                                                                          {"mxfp4_moe", 4},
                                                                          {"bf16", 16},
                                                                          {"f16", 16},
                                                                          {"fp16", 16},
                                                                          {"f32", 32},
                                                                          {"fp32", 32}}};

bool is_one_of(char letter, std::string_view letters) {
  return letters.find(letter) != std::string_view::npos;
}

bool is_letter_or_digit(char letter) {
  return (letter >= 'a' && letter <= 'z') || (letter >= '0' && letter <= '9');
}

/// "q4_k_m", "iq3_xxs", "q8_0": a digit, and then words of letters and digits behind underscores.
bool is_quantized(std::string_view word) {
  if (word.starts_with('i')) word.remove_prefix(1);
  if (word.size() < 2 || word[0] != 'q' || word[1] < '1' || word[1] > '8') return false;
  for (word.remove_prefix(2); !word.empty();) {
    const std::string_view rest = word.substr(1);
    const std::string_view next = rest.substr(0, rest.find('_'));
    if (word[0] != '_' || next.empty() || !std::all_of(next.begin(), next.end(), is_letter_or_digit)) {
      return false;
    }
    word.remove_prefix(1 + next.size());
  }
  return true;
}

bool is_type(std::string_view word) {
  return is_quantized(word) || std::any_of(kNamedTypes.begin(), kNamedTypes.end(),
                                           [word](const auto& named) { return named.first == word; });
}

/// What is before ".gguf", and before the number of a part, in small letters.
std::string stem_of(std::string_view path) {
  const size_t begin = path.rfind('/') + 1;
  const auto part = parse_part_name(std::string(path.substr(begin)));
  if (part) return lower_case(std::string(path.substr(0, begin)) + part->stem);
  const std::string lower = lower_case(path);
  return lower.ends_with(kGguf) ? lower.substr(0, lower.size() - kGguf.size()) : lower;
}

std::string last_type_in(std::string_view text) {
  std::string last;
  for (size_t begin = 0; begin < text.size(); ++begin) {
    if (begin > 0 && !is_one_of(text[begin - 1], "-._/")) continue;
    const std::string_view word = text.substr(begin, text.substr(begin).find_first_of("-./"));
    if (!is_type(word)) continue;
    const std::string_view front = text.substr(0, begin);
    const bool dynamic =
        front.ends_with(kDynamic) &&
        (front.size() == kDynamic.size() || is_one_of(front[front.size() - kDynamic.size() - 1], "-._/"));
    last = std::string(dynamic ? kDynamic : "") + std::string(word);
  }
  return last;
}

std::string upper_case(std::string text) {
  std::transform(text.begin(), text.end(), text.begin(), [](char letter) {
    return letter >= 'a' && letter <= 'z' ? static_cast<char>(letter - 'a' + 'A') : letter;
  });
  return text;
}

}  // namespace

std::string type_of_path(std::string_view path) {
  const std::string stem = stem_of(path);
  const std::string in_name = last_type_in(std::string_view(stem).substr(stem.rfind('/') + 1));
  return upper_case(in_name.empty() ? last_type_in(stem) : in_name);
}

int bits_of_type(std::string_view type) {
  const std::string lower = lower_case(type);
  const std::string_view plain =
      std::string_view(lower).substr(lower.starts_with(kDynamic) ? kDynamic.size() : 0);
  for (const auto& [name, bits] : kNamedTypes) {
    if (plain == name) return bits;
  }
  const size_t digit = plain.find_first_of("0123456789");
  return digit == std::string_view::npos ? 0 : plain[digit] - '0';
}

bool has_word(std::string_view path, std::string_view word) {
  const std::string lower = lower_case(path);
  const std::string name = lower.ends_with(kGguf) ? lower.substr(0, lower.size() - kGguf.size()) : lower;
  const std::string wanted = lower_case(word);
  for (size_t at = name.find(wanted); at != std::string::npos; at = name.find(wanted, at + 1)) {
    const size_t end = at + wanted.size();
    const bool begins = at == 0 || is_one_of(name[at - 1], "-._/");
    const bool ends = end == name.size() || is_one_of(name[end], "-./");
    if (begins && ends) return true;
  }
  return false;
}

}  // namespace hearth::store
