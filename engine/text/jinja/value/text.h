// The interpreter's strings: text that remembers, byte by byte, whether it was written in the template or
// came from the input. Every operation on strings is built from slices and appends, which keep that memory.
//
// A Text is immutable, cheap to copy and always valid UTF-8.
#pragma once

#include <algorithm>
#include <cstddef>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "engine/text/jinja/value/budget.h"

namespace hearth::jinja {

enum class Origin : bool { kTemplate, kInput };

constexpr Origin other(Origin origin) {
  return origin == Origin::kInput ? Origin::kTemplate : Origin::kInput;
}

/// Text that alternates between the two origins.
struct MarkedBytes {
  std::string bytes;
  Origin first = Origin::kTemplate;  // the origin of the first byte
  std::vector<size_t> changes;       // ascending offsets at which the origin flips

  Origin last() const;
  void append(std::string_view more, Origin origin);
};

class Text {
 public:
  Text() = default;
  /// Bytes that are no UTF-8 become U+FFFD.
  Text(std::string_view bytes, Origin origin);

  std::string_view bytes() const { return shared_ ? std::string_view(shared_->marked.bytes) : ""; }
  size_t size() const { return bytes().size(); }
  bool empty() const { return shared_ == nullptr; }
  /// Length as Python counts it: in code points.
  size_t characters() const { return shared_ ? shared_->characters : 0; }
  /// The byte offset of the character with that index (at most characters()).
  size_t offset_of(size_t character) const;

  Origin origin_at(size_t offset) const;
  bool has_input() const;

  /// Whether it is safe to show as HTML, as the filters `safe` and `escape` make it (Python's Markup). What
  /// is put together of other texts is not; operations that keep it say so.
  bool is_safe() const { return safe_; }
  Text as_safe(bool is_safe = true) const;

  /// Calls visit(std::string_view, Origin) for each stretch of one origin within [begin, end).
  template <typename Visit>
  void each_piece(size_t begin, size_t end, Visit visit) const;
  template <typename Visit>
  void each_piece(Visit visit) const {
    each_piece(0, size(), visit);
  }

 private:
  friend class TextBuilder;
  struct Shared {
    MarkedBytes marked;
    size_t characters;
  };
  explicit Text(MarkedBytes marked);

  std::shared_ptr<const Shared> shared_;  // null for the empty text
  bool safe_ = false;
};

/// Puts a Text together. Stops growing, and exhausts the budget, at the longest text allowed.
class TextBuilder {
 public:
  explicit TextBuilder(Budget& budget) : budget_(budget) {}

  void append(std::string_view bytes, Origin origin);
  void append(const Text& text) { append(text, 0, text.size()); }
  /// The bytes [begin, end), which are character boundaries.
  void append(const Text& text, size_t begin, size_t end);

  size_t size() const { return marked_.bytes.size(); }
  Budget& budget() const { return budget_; }
  Text take();

 private:
  Budget& budget_;
  MarkedBytes marked_;
};

/// The bytes [begin, end), which are character boundaries.
Text slice(const Text& text, size_t begin, size_t end, Budget& budget);

template <typename Visit>
void Text::each_piece(size_t begin, size_t end, Visit visit) const {
  if (begin >= end) return;
  const std::vector<size_t>& changes = shared_->marked.changes;
  auto change = std::upper_bound(changes.begin(), changes.end(), begin);
  Origin origin = origin_at(begin);
  while (begin < end) {
    const size_t stop = change == changes.end() ? end : std::min(*change++, end);
    visit(bytes().substr(begin, stop - begin), origin);
    origin = other(origin);
    begin = stop;
  }
}

}  // namespace hearth::jinja
