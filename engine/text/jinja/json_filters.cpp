// tojson, with the parameters that chat templates pass it, and from_json.
#include "engine/text/jinja/builtin.h"
#include "engine/text/jinja/format_spec.h"
#include "engine/text/jinja/json.h"

namespace hearth::jinja {
namespace {

Result<void> read_indent(BuiltinCall& call, JsonStyle& style) {
  const Value& indent = call.arguments[1];
  if (indent.is_undefined() || indent.is_none()) return {};
  style.is_indented = true;
  style.item_separator = Text(",", Origin::kTemplate);
  if (indent.text()) {
    style.indent = *indent.text();
    return {};
  }
  HEARTH_ASSIGN(const int64_t width, call.integer(1, 0));
  if (width > kMaxFormatWidth) return call.fail("tojson cannot indent by that many columns");
  style.indent = Text(std::string(static_cast<size_t>(std::max<int64_t>(width, 0)), ' '), Origin::kTemplate);
  return {};
}

Result<void> read_separators(BuiltinCall& call, JsonStyle& style) {
  const Value& separators = call.arguments[2];
  if (separators.is_undefined() || separators.is_none()) return {};
  const List* pair = separators.list();
  if (pair == nullptr || pair->items.size() != 2 || !pair->items[0].text() || !pair->items[1].text()) {
    return call.fail("tojson takes two strings as separators");
  }
  style.item_separator = *pair->items[0].text();
  style.key_separator = *pair->items[1].text();
  return {};
}

/// json.dumps without the escaping for HTML that Jinja's own tojson does: chat templates expect it like that.
Result<Value> tojson(BuiltinCall& call) {
  JsonStyle style;
  style.ensure_ascii = call.flag(0, false);
  style.sort_keys = call.flag(3, false);
  HEARTH_TRY(read_indent(call, style));
  HEARTH_TRY(read_separators(call, style));
  HEARTH_ASSIGN(Text json, to_json(call.subject, style, call.interpreter));
  return Value(std::move(json));
}

/// The value that a text in JSON stands for.
Result<Value> from_json_filter(BuiltinCall& call) {
  const Text text = call.subject_text();
  return parse_json(text.bytes(), text.has_input() ? Origin::kInput : Origin::kTemplate, call.interpreter);
}

constexpr Builtin kFilters[] = {
    {"tojson", tojson, 0, {"ensure_ascii", "indent", "separators", "sort_keys"}},
    {"from_json", from_json_filter},
};

}  // namespace

std::span<const Builtin> json_filters() { return kFilters; }

}  // namespace hearth::jinja
