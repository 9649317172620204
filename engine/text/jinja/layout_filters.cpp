// Filters that lay text out: indent, center, truncate.
#include "engine/text/jinja/access.h"
#include "engine/text/jinja/builtin.h"
#include "engine/text/jinja/format_spec.h"
#include "engine/text/jinja/print.h"
#include "engine/text/jinja/string_transform.h"

namespace hearth::jinja {
namespace {

Result<Text> indentation(BuiltinCall& call) {
  if (call.arguments[0].text()) return *call.arguments[0].text();
  HEARTH_ASSIGN(const int64_t width, call.integer(0, 4));
  if (width > kMaxFormatWidth) return call.fail("indent by that many columns is too much");
  return Text(std::string(static_cast<size_t>(std::max<int64_t>(width, 0)), ' '), Origin::kTemplate);
}

/// Indents the lines after the first; the first too with `first`, empty ones too with `blank`.
Result<Value> indent(BuiltinCall& call) {
  const Text text = call.subject_text();
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
  return Value(out.take());
}

Result<Value> center_filter(BuiltinCall& call) {
  HEARTH_ASSIGN(const int64_t width, call.integer(0, 80));
  if (width > kMaxFormatWidth) return call.fail("center in that many columns is too much");
  return Value(center(call.subject_text(), width, " ", call.budget()));
}

Result<Value> truncate(BuiltinCall& call) {
  const Text text = call.subject_text();
  HEARTH_ASSIGN(const int64_t length, call.integer(0, 255));
  HEARTH_ASSIGN(const Text end, call.text(2, "..."));
  HEARTH_ASSIGN(const int64_t leeway, call.integer(3, 5));
  const auto end_length = static_cast<int64_t>(end.characters());
  if (length < end_length) return call.fail("truncate needs a length that its end fits into");
  if (leeway < 0) return call.fail("truncate needs a leeway that is not negative");
  const auto characters = static_cast<int64_t>(text.characters());
  if (characters - length <= leeway) return Value(text);
  const size_t kept = text.offset_of(static_cast<size_t>(length - end_length));
  size_t stop = kept;
  if (!call.flag(1, false)) {  // not within a word
    const size_t blank = text.bytes().substr(0, kept).rfind(' ');
    if (blank != std::string_view::npos) stop = blank;
  }
  TextBuilder out(call.budget());
  out.append(text, 0, stop);
  out.append(end);
  return Value(out.take());
}

constexpr Builtin kFilters[] = {
    {"indent", indent, 0, {"width", "first", "blank"}},
    {"center", center_filter, 0, {"width"}},
    {"truncate", truncate, 0, {"length", "killwords", "end", "leeway"}},
};

}  // namespace

std::span<const Builtin> layout_filters() { return kFilters; }

}  // namespace hearth::jinja
