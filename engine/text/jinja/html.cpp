#include "engine/text/jinja/html.h"

#include <algorithm>
#include <charconv>

#include "engine/text/jinja/characters.h"
#include "engine/text/jinja/html_entities.h"
#include "engine/text/jinja/print.h"
#include "engine/text/jinja/string_transform.h"

namespace hearth::jinja {
namespace {

std::string_view entity(char c) {
  switch (c) {
    case '&':
      return "&amp;";
    case '<':
      return "&lt;";
    case '>':
      return "&gt;";
    case '\'':
      return "&#39;";
    case '"':
      return "&#34;";
    default:
      return {};
  }
}

/// Stretches of a text that are kept, and their bytes.
class Kept {
 public:
  void add(std::string_view bytes, size_t begin) {
    if (bytes.empty()) return;
    bytes_ += bytes;
    if (!stretches_.empty() && stretches_.back().end == begin) {
      stretches_.back().end += bytes.size();
    } else {
      stretches_.push_back({begin, begin + bytes.size()});
    }
  }
  void remove_last(size_t count) {
    bytes_.resize(bytes_.size() - count);
    while (count > 0) {
      Stretch& last = stretches_.back();
      const size_t taken = std::min(count, last.end - last.begin);
      last.end -= taken;
      count -= taken;
      if (last.begin == last.end) stretches_.pop_back();
    }
  }
  bool ends_with(std::string_view end) const { return bytes_.ends_with(end); }

  Text of(const Text& text, Budget& budget) const {
    TextBuilder out(budget);
    for (const Stretch& stretch : stretches_) out.append(text, stretch.begin, stretch.end);
    return out.take();
  }

 private:
  struct Stretch {
    size_t begin;
    size_t end;
  };
  std::string bytes_;
  std::vector<Stretch> stretches_;
};

/// Removes comments until there is none, also those that the removal of others makes.
Text without_comments(const Text& text, Budget& budget) {
  const std::string_view bytes = text.bytes();
  budget.spend_bytes(bytes.size() * 2);
  Kept kept;
  size_t next = 0;
  while (next < bytes.size()) {
    kept.add(bytes.substr(next, 1), next);
    ++next;
    if (!kept.ends_with("<!--")) continue;
    // The end may share dashes with the beginning: <!--> is a comment.
    const bool shares_two = bytes.substr(next).starts_with('>');
    const bool shares_one = bytes.substr(next).starts_with("->");
    const size_t end = shares_two ? next + 1 : shares_one ? next + 2 : bytes.find("-->", next);
    if (end == std::string_view::npos) break;
    kept.remove_last(4);
    next = shares_two || shares_one ? end : end + 3;
  }
  kept.add(bytes.substr(next), next);
  return kept.of(text, budget);
}

Text without_tags(const Text& text, Budget& budget) {
  const std::string_view bytes = text.bytes();
  TextBuilder out(budget);
  size_t next = 0;
  while (true) {
    const size_t begin = bytes.find('<', next);
    const size_t end = begin == std::string_view::npos ? begin : bytes.find('>', begin);
    if (end == std::string_view::npos) break;
    out.append(text, next, begin);
    next = end + 1;
  }
  out.append(text, next, text.size());
  return out.take();
}

/// A blank for each run of white space within, marked as the run's first character.
Text with_single_blanks(const Text& text, Budget& budget) {
  const std::string_view bytes = text.bytes();
  const auto is_no_space = [](char32_t c) { return !is_space(c); };
  TextBuilder out(budget);
  for (size_t next = 0; next < bytes.size();) {
    const size_t begin = next + skip_leading(bytes.substr(next), is_space);
    if (begin > next && begin < bytes.size() && out.size() > 0) out.append(" ", text.origin_at(next));
    next = begin + skip_leading(bytes.substr(begin), is_no_space);
    out.append(text, begin, next);
  }
  return out.take();
}

/// The characters that &... stands for at the beginning of `bytes`, and how many bytes that is; 0 where it is
/// none.
struct Reference {
  std::string characters;
  size_t bytes = 0;
};

Reference numeric_reference(std::string_view bytes) {
  const bool is_hexadecimal = bytes.size() > 2 && (bytes[2] | 0x20) == 'x';
  const size_t begin = is_hexadecimal ? 3 : 2;
  const std::string_view digits = is_hexadecimal ? "0123456789abcdefABCDEF" : "0123456789";
  const size_t end = std::min(bytes.find_first_not_of(digits, begin), bytes.size());
  if (begin >= end) return {};
  uint32_t number = 0;
  const auto parsed =
      std::from_chars(bytes.data() + begin, bytes.data() + end, number, is_hexadecimal ? 16 : 10);
  if (parsed.ec != std::errc()) number = 0x110000;
  return {characters_of_reference(number), end + (bytes.substr(end).starts_with(';') ? 1 : 0)};
}

/// The longest name that a reference begins with, some of which need no semicolon.
Reference named_reference(std::string_view bytes) {
  const size_t end = std::min({bytes.find_first_of("\t\n\f <&#;", 1), bytes.size(), kLongestEntityName + 1});
  for (size_t stop = end; stop > 1; --stop) {
    const bool has_semicolon = stop == end && bytes.substr(stop).starts_with(';');
    const char32_t found = named_character(bytes.substr(1, stop - 1), has_semicolon);
    if (found == 0) continue;
    Reference reference{"", stop + (has_semicolon ? 1 : 0)};
    append_utf8(reference.characters, found);
    return reference;
  }
  return {};
}

Text without_references(const Text& text, Budget& budget) {
  const std::string_view bytes = text.bytes();
  TextBuilder out(budget);
  for (size_t next = 0; next < bytes.size();) {
    const size_t begin = std::min(bytes.find('&', next), bytes.size());
    out.append(text, next, begin);
    if (begin == bytes.size()) break;
    const std::string_view rest = bytes.substr(begin);
    const Reference found = rest.substr(1).starts_with('#') ? numeric_reference(rest) : named_reference(rest);
    budget.spend(1);
    if (found.bytes == 0) {
      out.append(text, begin, begin + 1);
      next = begin + 1;
      continue;
    }
    // One character of the input is enough for the whole to be the input's.
    Origin origin = Origin::kTemplate;
    text.each_piece(begin, begin + found.bytes, [&](std::string_view, Origin of_piece) {
      if (of_piece == Origin::kInput) origin = Origin::kInput;
    });
    out.append(found.characters, origin);
    next = begin + found.bytes;
  }
  return out.take();
}

}  // namespace

Text escape_html(const Text& text, Budget& budget) {
  TextBuilder out(budget);
  text.each_piece([&](std::string_view piece, Origin origin) {
    std::string escaped;
    for (const char c : piece) {
      if (const std::string_view replacement = entity(c); !replacement.empty()) {
        escaped += replacement;
      } else {
        escaped += c;
      }
    }
    out.append(escaped, origin);
  });
  return out.take().as_safe();
}

Text to_safe_text(const Value& value, Budget& budget) {
  const Text text = to_text(value, budget);
  return text.is_safe() ? text : escape_html(text, budget);
}

Text strip_tags(const Text& text, Budget& budget) {
  const Text plain = without_tags(without_comments(text, budget), budget);
  return without_references(with_single_blanks(plain, budget), budget);
}

}  // namespace hearth::jinja
