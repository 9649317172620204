// Filters of one string: upper, title, trim, replace, indent, truncate, format, ...
#include <fmt/format.h>

#include <algorithm>

#include "engine/text/jinja/interpreter/builtin.h"
#include "engine/text/jinja/interpreter/format.h"
#include "engine/text/jinja/interpreter/operators.h"
#include "engine/text/jinja/value/characters.h"
#include "engine/text/jinja/value/string_transform.h"
#include "engine/text/jinja/value/value.h"

namespace hearth::jinja {
namespace {

/// str(subject), transformed. Safe text stays safe.
template <Text (*transform)(const Text&, Budget&)>
Result<Value> transform_filter(BuiltinCall& call) {
  const Text text = call.subject_text();
  return Value(transform(text, call.budget()).as_safe(text.is_safe()));
}

Result<Value> title(BuiltinCall& call) { return Value(title_words(call.subject_text(), call.budget())); }
Result<Value> string_filter(BuiltinCall& call) { return Value(call.subject_text()); }

Result<Value> trim_filter(BuiltinCall& call) {
  const Text text = call.subject_text();
  std::optional<Text> unwanted;
  if (call.has(0) && !call.arguments[0].is_none()) {
    HEARTH_ASSIGN(unwanted, call.text(0, ""));
  }
  const std::optional<std::string_view> bytes = unwanted ? std::optional(unwanted->bytes()) : std::nullopt;
  return Value(strip(text, Ends::kBoth, bytes, call.budget()).as_safe(text.is_safe()));
}

/// Where text is escaped as it is written, what replaces a part of safe text is escaped, and unsafe text that
/// safe text goes into is, too.
Result<Value> replace_filter(BuiltinCall& call) {
  Budget& budget = call.budget();
  Text text = call.subject_text();
  const Text old = to_text(call.arguments[0], budget);
  Text with = to_text(call.arguments[1], budget);
  int64_t count = -1;
  if (!call.arguments[2].is_none()) {
    HEARTH_ASSIGN(count, call.integer(2, -1));
  }
  const bool escapes = call.interpreter.autoescape();
  if (escapes && (old.is_safe() || with.is_safe())) text = to_safe_text(text, budget);
  const bool is_safe = escapes && text.is_safe();
  if (is_safe) with = to_safe_text(with, budget);
  return Value(replace(text, old.bytes(), with, count, budget).as_safe(is_safe));
}

/// 'format'|format(values...): the % operator.
Result<Value> format_filter(BuiltinCall& call) {
  const Text pattern = call.subject_text();
  if (call.rest.named.empty()) {
    return percent_format(pattern, Value(call.heap().tuple(std::move(call.rest.positional))),
                          call.interpreter);
  }
  if (!call.rest.positional.empty()) return call.fail("format takes positional or named values, not both");
  Dict* named = call.heap().make<Dict>();
  for (auto& [name, value] : call.rest.named) named->set(Value::text(name), std::move(value));
  return percent_format(pattern, Value(named), call.interpreter);
}

Result<Text> indentation(BuiltinCall& call) {
  if (call.arguments[0].text()) return *call.arguments[0].text();
  HEARTH_ASSIGN(const int64_t width, call.integer(0, 4));
  if (width > kMaxFormatWidth) return call.fail("indent by that many columns is too much");
  return Text(std::string(static_cast<size_t>(std::max<int64_t>(width, 0)), ' '), Origin::kTemplate);
}

/// Indents the lines after the first; the first too with `first`, empty ones too with `blank`.
Result<Value> indent(BuiltinCall& call) {
  HEARTH_ASSIGN(const Text text, call.subject_string());
  HEARTH_ASSIGN(const Text width, indentation(call));
  const bool blank = call.flag(2, false);
  std::vector<Text> lines = split_lines(text, false, call.budget());
  const std::vector<Text> whole_lines = split_lines(text, true, call.budget());
  const bool ends_with_newline = !text.empty() && text.bytes().back() == '\n';
  if (lines.empty() || ends_with_newline) lines.emplace_back();
  TextBuilder out(call.budget());
  for (size_t i = 0; i < lines.size(); ++i) {
    if (i > 0) out.append("\n", whole_lines[i - 1].origin_at(lines[i - 1].size()));
    const bool is_indented = i == 0 ? call.flag(1, false) : (blank || !lines[i].empty());
    if (is_indented) out.append(width);
    out.append(lines[i]);
  }
  return Value(out.take().as_safe(text.is_safe()));
}

Result<Value> center_filter(BuiltinCall& call) {
  HEARTH_ASSIGN(const int64_t width, call.integer(0, 80));
  if (width > kMaxFormatWidth) return call.fail("center in that many columns is too much");
  const Text text = call.subject_text();
  return Value(center(text, width, " ", call.budget()).as_safe(text.is_safe()));
}

Result<Value> truncate(BuiltinCall& call) {
  HEARTH_ASSIGN(const int64_t length, call.integer(0, 255));
  HEARTH_ASSIGN(const Text end, call.text(2, "..."));
  int64_t leeway = 5;
  if (!call.arguments[3].is_none()) {
    HEARTH_ASSIGN(leeway, call.integer(3, leeway));
  }
  const auto end_length = static_cast<int64_t>(end.characters());
  if (length < end_length) return call.fail("truncate needs a length that its end fits into");
  if (leeway < 0) return call.fail("truncate needs a leeway that is not negative");
  if (!call.subject.text()) {  // what is short enough stays what it is
    HEARTH_ASSIGN(const Value size, call.interpreter.apply_filter("length", call.subject, {}));
    if (*size.integer() - length <= leeway) return call.subject;
  }
  HEARTH_ASSIGN(const Text text, call.subject_string());
  const auto characters = static_cast<int64_t>(text.characters());
  if (characters - length <= leeway) return Value(text);
  const size_t kept = text.offset_of(static_cast<size_t>(length - end_length));
  size_t stop = kept;
  if (!call.flag(1, false)) {  // not within a word
    const size_t blank = text.bytes().substr(0, kept).rfind(' ');
    if (blank != std::string_view::npos) stop = blank;
  }
  const Value beginning(slice(text, 0, stop, call.budget()).as_safe(text.is_safe()));
  return apply_binary(BinaryOperator::kAdd, beginning, Value(end), call.interpreter);
}

Result<Value> wordcount(BuiltinCall& call) {
  int64_t words = 0;
  bool in_word = false;
  each_character(call.subject_text().bytes(), [&](char32_t c, std::string_view) {
    const bool is_word = is_word_character(c);
    if (is_word && !in_word) ++words;
    in_word = is_word;
  });
  return Value::integer(words);
}

/// Percent-encodes all but letters, digits and _.-~ and, in a path, the slash. In a query, blanks are pluses.
void append_encoded(const Text& text, bool is_query, TextBuilder& out) {
  const std::string_view plain = is_query ? "_.-~" : "_.-~/";
  text.each_piece([&](std::string_view piece, Origin origin) {
    std::string encoded;
    for (const char c : piece) {
      const bool is_plain = (c >= '0' && c <= '9') || ((c | 0x20) >= 'a' && (c | 0x20) <= 'z') ||
                            plain.find(c) != std::string_view::npos;
      if (is_plain) {
        encoded += c;
      } else {
        encoded += is_query && c == ' ' ? "+" : fmt::format("%{:02X}", static_cast<unsigned char>(c));
      }
    }
    out.append(encoded, origin);
  });
}

/// A string for a path, or a dict or pairs for a query.
Result<Value> urlencode(BuiltinCall& call) {
  TextBuilder out(call.budget());
  if (!call.subject.dict() && !call.subject.list()) {
    append_encoded(call.subject_text(), false, out);
    return Value(out.take());
  }
  Value pairs = call.subject;
  if (call.subject.dict()) {
    HEARTH_ASSIGN(pairs, call.interpreter.apply_filter("items", call.subject, {}));
  }
  for (const Value& pair : pairs.list()->items) {
    HEARTH_ASSIGN(const std::vector<Value> both, items_of(pair, call.interpreter));
    if (both.size() != 2) return call.fail("urlencode takes a string, a dict or pairs");
    if (out.size() > 0) out.append("&", Origin::kTemplate);
    append_encoded(to_text(both[0], call.budget()), true, out);
    out.append("=", Origin::kTemplate);
    append_encoded(to_text(both[1], call.budget()), true, out);
  }
  return Value(out.take());
}

constexpr Builtin kTextFilters[] = {
    {"upper", transform_filter<to_upper>},
    {"lower", transform_filter<to_lower>},
    {"capitalize", transform_filter<capitalize>},
    {"title", title},
    {"string", string_filter},
    {"trim", trim_filter, 0, {"chars"}},
    {"replace", replace_filter, 2, {"old", "new", "count"}},
    {"format", format_filter, 0, {}, true},
    {"indent", indent, 0, {"width", "first", "blank"}},
    {"center", center_filter, 0, {"width"}},
    {"truncate", truncate, 0, {"length", "killwords", "end", "leeway"}},
    {"wordcount", wordcount},
    {"urlencode", urlencode},
};

}  // namespace

std::span<const Builtin> text_filters() { return kTextFilters; }

}  // namespace hearth::jinja
