#include "engine/text/normalization.h"

#include <algorithm>
#include <vector>

#include "engine/text/unicode.h"

namespace hearth {
namespace {

/// Whether the character may change together with what stands before it: a mark, or a vowel or final
/// consonant of a Korean syllable. Only these are ordered or composed with what precedes them.
bool joins_what_precedes(char32_t code_point) {
  constexpr char32_t kFirstMark = 0x300;
  if (code_point < kFirstMark) return false;
  return classify(code_point).in(kMarks) || (code_point >= 0x1161 && code_point <= 0x11FF);
}

/// A character with what joins it, taken apart.
class Cluster {
 public:
  void add(char32_t code_point) {
    decomposed_.clear();
    append_decomposition(decomposed_, code_point);
    for (const char32_t part : decomposed_) parts_.push_back({part, combining_class(part)});
  }

  /// Appends it in its composed form, and is empty again.
  void finish(std::string& out) {
    order();
    compose();
    for (const Part& part : parts_) append_utf8(out, part.code_point);
    parts_.clear();
  }

 private:
  struct Part {
    char32_t code_point;
    uint8_t combining_class;
  };

  /// Sorts every run of marks by class; those of one class keep their order, for they stack.
  void order() {
    const auto is_starter = [](const Part& part) { return part.combining_class == 0; };
    for (auto begin = parts_.begin(); begin != parts_.end();) {
      begin = std::find_if_not(begin, parts_.end(), is_starter);
      const auto end = std::find_if(begin, parts_.end(), is_starter);
      std::stable_sort(begin, end, [](const Part& left, const Part& right) {
        return left.combining_class < right.combining_class;
      });
      begin = end;
    }
  }

  /// Joins every part to the last starter where the two compose and nothing between them blocks it: a part of
  /// the same class or of none.
  void compose() {
    size_t kept = 0;
    size_t starter = 0;
    for (const Part& part : parts_) {
      const bool reaches =
          kept > 0 && (kept == starter + 1 || parts_[kept - 1].combining_class < part.combining_class);
      const char32_t composed =
          reaches ? compose_pair(parts_[starter].code_point, part.code_point) : kNotComposed;
      if (composed != kNotComposed) {
        parts_[starter].code_point = composed;
        continue;
      }
      if (part.combining_class == 0) starter = kept;
      parts_[kept++] = part;
    }
    parts_.resize(kept);
  }

  std::vector<Part> parts_;
  std::u32string decomposed_;
};

}  // namespace

std::string to_nfc(std::string_view text) {
  std::string out;
  out.reserve(text.size());
  Cluster cluster;
  for (size_t at = 0; at < text.size();) {
    const Utf8Character character = decode_utf8(text.substr(at));
    const bool valid = character.state == Utf8State::kValid;
    if (!valid || !joins_what_precedes(character.code_point)) cluster.finish(out);
    if (valid) {
      cluster.add(character.code_point);
    } else {
      out += text.substr(at, character.bytes);
    }
    at += character.bytes;
  }
  cluster.finish(out);
  return out;
}

}  // namespace hearth
