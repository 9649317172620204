// Filters that lay text out: indent, center, truncate, wordwrap, pprint.
#include <fmt/format.h>

#include "engine/text/jinja/access.h"
#include "engine/text/jinja/builtin.h"
#include "engine/text/jinja/format_spec.h"
#include "engine/text/jinja/html.h"
#include "engine/text/jinja/operators.h"
#include "engine/text/jinja/pretty_print.h"
#include "engine/text/jinja/print.h"
#include "engine/text/jinja/string_transform.h"
#include "engine/text/jinja/word_wrap.h"

namespace hearth::jinja {
namespace {

/// The filtered string, where nothing else will do.
Result<Text> string_of(const BuiltinCall& call) {
  if (call.subject.text()) return *call.subject.text();
  return call.interpreter.fail_about(
      call.subject, fmt::format("{} needs a string, not {}", call.builtin.name, call.subject.described()));
}

Result<Text> indentation(BuiltinCall& call) {
  if (call.arguments[0].text()) return *call.arguments[0].text();
  HEARTH_ASSIGN(const int64_t width, call.integer(0, 4));
  if (width > kMaxFormatWidth) return call.fail("indent by that many columns is too much");
  return Text(std::string(static_cast<size_t>(std::max<int64_t>(width, 0)), ' '), Origin::kTemplate);
}

/// Indents the lines after the first; the first too with `first`, empty ones too with `blank`.
Result<Value> indent(BuiltinCall& call) {
  HEARTH_ASSIGN(const Text text, string_of(call));
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
  HEARTH_ASSIGN(const Text text, string_of(call));
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

/// Each line of the string broken into lines of at most `width` characters.
Result<Value> wordwrap(BuiltinCall& call) {
  HEARTH_ASSIGN(const Text text, string_of(call));
  HEARTH_ASSIGN(const int64_t width, call.integer(0, 79));
  std::optional<Text> separator;
  if (call.has(2) && !call.arguments[2].is_none()) {
    HEARTH_ASSIGN(separator, call.text(2, ""));
  }
  const WrapStyle style{width, call.flag(1, true), call.flag(3, true)};
  TextBuilder out(call.budget());
  bool is_first = true;
  for (const Text& paragraph : split_lines(text, false, call.budget())) {
    if (width <= 0) return call.fail("wordwrap needs a width of at least one character");
    std::vector<Text> lines = wrap_words(paragraph, style, call.budget());
    if (lines.empty()) lines.emplace_back();
    for (const Text& line : lines) {
      if (!std::exchange(is_first, false)) {
        // A break within the input is the input's, too: the template wrote none there.
        separator ? out.append(*separator)
                  : out.append("\n", text.has_input() ? Origin::kInput : Origin::kTemplate);
      }
      out.append(line);
    }
  }
  return Value(out.take());
}

Result<Value> pprint(BuiltinCall& call) {
  HEARTH_ASSIGN(Text text, pretty_print(call.subject, call.interpreter));
  return Value(std::move(text));
}

constexpr Builtin kFilters[] = {
    {"indent", indent, 0, {"width", "first", "blank"}},
    {"center", center_filter, 0, {"width"}},
    {"truncate", truncate, 0, {"length", "killwords", "end", "leeway"}},
    {"wordwrap", wordwrap, 0, {"width", "break_long_words", "wrapstring", "break_on_hyphens"}},
    {"pprint", pprint},
};

}  // namespace

std::span<const Builtin> layout_filters() { return kFilters; }

}  // namespace hearth::jinja
