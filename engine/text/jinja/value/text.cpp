#include "engine/text/jinja/value/text.h"

#include "engine/text/jinja/value/characters.h"

namespace hearth::jinja {
namespace {

Origin flipped(Origin origin, size_t times) { return times % 2 == 0 ? origin : other(origin); }

}  // namespace

Origin MarkedBytes::last() const { return flipped(first, changes.size()); }

void MarkedBytes::append(std::string_view more, Origin origin) {
  if (more.empty()) return;
  if (bytes.empty()) {
    first = origin;
  } else if (last() != origin) {
    changes.push_back(bytes.size());
  }
  bytes.append(more);
}

Text::Text(std::string_view bytes, Origin origin) : Text(MarkedBytes{valid_utf8(bytes), origin, {}}) {}

Text::Text(MarkedBytes marked) {
  if (marked.bytes.empty()) return;
  const size_t characters = count_characters(marked.bytes);
  shared_ = std::make_shared<const Shared>(Shared{std::move(marked), characters});
}

size_t Text::offset_of(size_t character) const {
  if (characters() == size()) return character;
  size_t offset = 0;
  for (; character > 0; --character) offset += character_bytes(bytes()[offset]);
  return offset;
}

Origin Text::origin_at(size_t offset) const {
  if (!shared_) return Origin::kTemplate;
  const std::vector<size_t>& changes = shared_->marked.changes;
  const auto after = std::upper_bound(changes.begin(), changes.end(), offset);
  return flipped(shared_->marked.first, static_cast<size_t>(after - changes.begin()));
}

bool Text::has_input() const {
  return shared_ && (shared_->marked.first == Origin::kInput || !shared_->marked.changes.empty());
}

Text Text::as_safe(bool is_safe) const {
  Text text = *this;
  text.safe_ = is_safe;
  return text;
}

void TextBuilder::append(std::string_view bytes, Origin origin) {
  budget_.spend_bytes(bytes.size());
  if (bytes.size() > budget_.limits().text_bytes - size()) {
    budget_.stop("writes a longer text than a template may; shorten what it is given");
  }
  if (!budget_.exhausted()) marked_.append(bytes, origin);
}

void TextBuilder::append(const Text& text, size_t begin, size_t end) {
  text.each_piece(begin, end, [&](std::string_view piece, Origin origin) { append(piece, origin); });
}

Text TextBuilder::take() {
  budget_.spend(3);  // the allocations of the Text
  return Text(std::move(marked_));
}

Text slice(const Text& text, size_t begin, size_t end, Budget& budget) {
  if (begin == 0 && end == text.size() && !text.is_safe()) return text;
  TextBuilder builder(budget);
  builder.append(text, begin, end);
  return builder.take();
}

}  // namespace hearth::jinja
