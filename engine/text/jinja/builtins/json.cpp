// JSON in and out of the interpreter: its input, and the filters tojson and from_json.
#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>

#include "engine/text/jinja/interpreter/builtin.h"
#include "engine/text/jinja/interpreter/format.h"
#include "engine/text/jinja/interpreter/operators.h"
#include "engine/text/jinja/value/characters.h"
#include "engine/text/jinja/value/value.h"
#include "engine/text/json_text.h"

namespace hearth::jinja {
namespace {

/// The escape that JSON needs for a character; empty for one that may stand as it is.
std::string json_escape(char32_t character, bool ensure_ascii) {
  switch (character) {
    case '"':
      return "\\\"";
    case '\\':
      return "\\\\";
    case '\n':
      return "\\n";
    case '\r':
      return "\\r";
    case '\t':
      return "\\t";
    case '\b':
      return "\\b";
    case '\f':
      return "\\f";
    default:
      break;
  }
  const auto code = static_cast<uint32_t>(character);
  if (code >= 0x20 && (code < 0x7F || !ensure_ascii)) return {};
  if (code < 0x10000) return fmt::format("\\u{:04x}", code);
  const uint32_t offset = code - 0x10000;  // a surrogate pair
  return fmt::format("\\u{:04x}\\u{:04x}", 0xD800 + (offset >> 10), 0xDC00 + (offset & 0x3FF));
}

struct JsonStyle {
  bool ensure_ascii = false;
  bool sort_keys = false;
  bool is_indented = false;
  Text indent;  // of one level
  Text item_separator{", ", Origin::kTemplate};
  Text key_separator{": ", Origin::kTemplate};
};

/// Writes as Python's json.dumps.
class JsonWriter {
 public:
  JsonWriter(const JsonStyle& style, Interpreter& interpreter)
      : style_(style), interpreter_(interpreter), out_(interpreter.budget()) {}

  Result<void> write(const Value& value);
  Text take() { return out_.take(); }

 private:
  Result<void> write_list(const List& list);
  Result<void> write_dict(const Dict& dict);
  Result<void> write_key(const Value& key);
  Result<std::vector<const Dict::Entry*>> ordered_entries(const Dict& dict);
  void write_string(const Text& text);
  void write_plain(std::string_view bytes) { out_.append(bytes, Origin::kTemplate); }
  void write_new_line() {
    if (!style_.is_indented) return;
    write_plain("\n");
    for (int i = 0; i < depth_; ++i) out_.append(style_.indent);
  }

  const JsonStyle& style_;
  Interpreter& interpreter_;
  TextBuilder out_;
  int depth_ = 0;
};

void JsonWriter::write_string(const Text& text) {
  write_plain("\"");
  text.each_piece([&](std::string_view piece, Origin origin) {
    std::string quoted;
    each_character(piece, [&](char32_t character, std::string_view bytes) {
      const std::string escape = json_escape(character, style_.ensure_ascii);
      quoted += escape.empty() ? bytes : std::string_view(escape);
    });
    out_.append(quoted, origin);
  });
  write_plain("\"");
}

Result<void> JsonWriter::write_list(const List& list) {
  if (list.items.empty()) {
    write_plain("[]");
    return {};
  }
  write_plain("[");
  ++depth_;
  for (size_t i = 0; i < list.items.size(); ++i) {
    if (i > 0) out_.append(style_.item_separator);
    write_new_line();
    HEARTH_TRY(write(list.items[i]));
  }
  --depth_;
  write_new_line();
  write_plain("]");
  return {};
}

Result<std::vector<const Dict::Entry*>> JsonWriter::ordered_entries(const Dict& dict) {
  std::vector<const Dict::Entry*> entries;
  for (const Dict::Entry& entry : dict.entries()) entries.push_back(&entry);
  if (!style_.sort_keys) return entries;
  bool has_order = true;
  std::stable_sort(entries.begin(), entries.end(), [&](const Dict::Entry* a, const Dict::Entry* b) {
    const auto order = compare(a->key, b->key, interpreter_.budget());
    has_order = has_order && order;
    return order && std::is_lt(*order);
  });
  if (!has_order) return interpreter_.fail("tojson cannot sort keys of different types");
  return entries;
}

Result<void> JsonWriter::write_dict(const Dict& dict) {
  if (dict.size() == 0) {
    write_plain("{}");
    return {};
  }
  HEARTH_ASSIGN(const std::vector<const Dict::Entry*> entries, ordered_entries(dict));
  write_plain("{");
  ++depth_;
  for (const Dict::Entry* entry : entries) {
    if (entry != entries.front()) out_.append(style_.item_separator);
    write_new_line();
    HEARTH_TRY(write_key(entry->key));
    out_.append(style_.key_separator);
    HEARTH_TRY(write(entry->value));
  }
  --depth_;
  write_new_line();
  write_plain("}");
  return {};
}

/// JSON has only strings as keys: Python writes numbers, booleans and none as such.
Result<void> JsonWriter::write_key(const Value& key) {
  if (key.text()) {
    write_string(*key.text());
    return {};
  }
  if (!key.is_number() && !key.is_none()) {
    return interpreter_.fail(fmt::format("tojson cannot write a key that is {}", key.described()));
  }
  write_plain("\"");
  HEARTH_TRY(write(key));
  write_plain("\"");
  return {};
}

Result<void> JsonWriter::write(const Value& value) {
  const Level level(interpreter_.budget());
  interpreter_.budget().spend(1);
  if (interpreter_.budget().exhausted()) return interpreter_.limit_error();
  if (value.list()) return write_list(*value.list());
  if (value.dict()) return write_dict(*value.dict());
  if (value.text()) {
    write_string(*value.text());
  } else if (value.is_none()) {
    write_plain("null");
  } else if (value.boolean()) {
    write_plain(*value.boolean() ? "true" : "false");
  } else if (value.is_integer()) {
    write_plain(integer_repr(value, interpreter_.budget()));
  } else if (value.real()) {
    const double real = *value.real();
    write_plain(std::isnan(real)   ? "NaN"
                : std::isinf(real) ? (real > 0 ? "Infinity" : "-Infinity")
                                   : real_repr(real));
  } else {
    return interpreter_.fail_about(value, fmt::format("tojson cannot write {}", value.described()));
  }
  return {};
}

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
  JsonWriter writer(style, call.interpreter);
  HEARTH_TRY(writer.write(call.subject));
  return Value(writer.take());
}

/// All strings within become text of that origin; integers beyond 64 bits are those of json_text.h.
Result<Value> from_json(const nlohmann::ordered_json& json, Origin origin, Interpreter& interpreter) {
  const Level level(interpreter.budget());
  interpreter.budget().spend(1);
  if (interpreter.budget().exhausted()) return interpreter.limit_error();
  if (const auto* text = json.get_ptr<const std::string*>()) {
    TextBuilder out(interpreter.budget());
    out.append(valid_utf8(*text), origin);
    return Value(out.take());
  }
  if (json.is_array()) {
    std::vector<Value> items;
    for (const auto& element : json) {
      HEARTH_ASSIGN(Value item, from_json(element, origin, interpreter));
      items.push_back(std::move(item));
    }
    return Value(interpreter.heap().list(std::move(items)));
  }
  if (json.is_object()) {
    Dict* dict = interpreter.heap().make<Dict>();
    for (auto entry = json.begin(); entry != json.end(); ++entry) {
      HEARTH_ASSIGN(Value value, from_json(entry.value(), origin, interpreter));
      HEARTH_TRY(set_item(*dict, Text(entry.key(), origin), std::move(value), interpreter));
    }
    return Value(dict);
  }
  if (const auto* flag = json.get_ptr<const bool*>()) return Value::boolean(*flag);
  if (const auto* natural = json.get_ptr<const uint64_t*>(); natural != nullptr && *natural > INT64_MAX) {
    return Value::integer(BigInteger(*natural, false));
  }
  if (json.is_number_integer()) return Value::integer(json.get<int64_t>());
  if (const auto* real = json.get_ptr<const double*>()) return Value::real(*real);
  if (const auto whole = BigInteger::parse(large_integer(json), 10)) return Value::integer(*whole);
  return Value(None());
}

/// The value that a text in JSON stands for.
Result<Value> from_json_filter(BuiltinCall& call) {
  const Text text = call.subject_text();
  call.budget().spend(text.size() / 2);  // a byte takes up to sixteen of memory while it is read
  if (call.budget().exhausted()) return call.interpreter.limit_error();
  const Result<nlohmann::ordered_json> json = parse_json(text.bytes(), "from_json's text");
  if (!json.ok()) return call.fail(json.error().message);
  return from_json(*json, text.has_input() ? Origin::kInput : Origin::kTemplate, call.interpreter);
}

constexpr Builtin kJsonFilters[] = {
    {"tojson", tojson, 0, {"ensure_ascii", "indent", "separators", "sort_keys"}},
    {"from_json", from_json_filter},
};

}  // namespace

Result<void> Interpreter::define_input(std::string_view name, const nlohmann::ordered_json& json) {
  HEARTH_ASSIGN(Value value, from_json(json, Origin::kInput, *this));
  define(name, std::move(value));
  return {};
}

Result<nlohmann::ordered_json> Interpreter::json_of(const Value& value) {
  using nlohmann::ordered_json;
  const Level level(budget_);
  budget_.spend(1);
  if (budget_.exhausted()) return limit_error();
  if (value.text()) {
    budget_.spend_bytes(value.text()->size());
    return ordered_json(value.text()->bytes());
  }
  if (value.list()) {
    ordered_json list = ordered_json::array();
    for (const Value& item : value.list()->items) {
      HEARTH_ASSIGN(ordered_json json, json_of(item));
      list.push_back(std::move(json));
    }
    return list;
  }
  if (value.dict()) {
    ordered_json object = ordered_json::object();
    for (const Dict::Entry& entry : value.dict()->entries()) {
      HEARTH_ASSIGN(ordered_json json, json_of(entry.value));
      object[std::string(to_text(entry.key, budget_).bytes())] = std::move(json);
    }
    return object;
  }
  if (value.is_none()) return ordered_json(nullptr);
  if (value.boolean()) return ordered_json(*value.boolean());
  if (const auto integer = value.integer()) return ordered_json(*integer);
  if (value.is_integer()) return json_integer(value.whole().digits());
  if (value.real() && std::isfinite(*value.real())) return ordered_json(*value.real());
  return fail_about(value, fmt::format("{} is no value of JSON", value.described()));
}

std::span<const Builtin> json_filters() { return kJsonFilters; }

}  // namespace hearth::jinja
