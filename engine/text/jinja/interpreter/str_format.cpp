#include <fmt/format.h>

#include <algorithm>

#include "engine/text/jinja/interpreter/format.h"
#include "engine/text/jinja/interpreter/operators.h"
#include "engine/text/jinja/value/value.h"

namespace hearth::jinja {
namespace {

class Formatter {
 public:
  Formatter(const Text& format, const FormatValues& values, Interpreter& interpreter)
      : is_safe_(format.is_safe()), values_(values), interpreter_(interpreter) {}

  /// `format` with its fields replaced; `levels` of fields within fields may follow.
  Result<Text> run(const Text& format, int levels) {
    const std::string_view bytes = format.bytes();
    TextBuilder out(interpreter_.budget());
    for (size_t next = 0; next < bytes.size() && !interpreter_.budget().exhausted();) {
      const size_t brace = std::min(bytes.find_first_of("{}", next), bytes.size());
      out.append(format, next, brace);
      if (brace == bytes.size()) break;
      if (brace + 1 < bytes.size() && bytes[brace + 1] == bytes[brace]) {  // {{ and }}
        out.append(format, brace, brace + 1);
        next = brace + 2;
        continue;
      }
      const size_t close = bytes[brace] == '{' ? end_of_field(bytes, brace + 1) : std::string_view::npos;
      if (close == std::string_view::npos) {
        return interpreter_.fail("format meets a single brace; write it twice");
      }
      HEARTH_ASSIGN(const Text field,
                    replace_field(slice(format, brace + 1, close, interpreter_.budget()), levels));
      out.append(field);
      next = close + 1;
    }
    return out.take();
  }

 private:
  /// The place of the brace that closes a field, which may have others within.
  static size_t end_of_field(std::string_view bytes, size_t begin) {
    int open = 1;
    bool in_brackets = false;
    bool in_name = true;
    for (size_t i = begin; i < bytes.size(); ++i) {
      const char c = bytes[i];
      if (in_brackets) {
        in_brackets = c != ']';
        continue;
      }
      if (c == ':' || c == '!') in_name = false;
      if (c == '[' && in_name) in_brackets = true;
      if (c == '{') ++open;
      if (c == '}' && --open == 0) return i;
    }
    return std::string_view::npos;
  }

  /// name[!conversion][:spec]
  Result<Text> replace_field(const Text& field, int levels) {
    if (levels == 0) return interpreter_.fail("format has fields within fields within fields");
    const std::string_view bytes = field.bytes();
    const size_t name_end = end_of_name(bytes);
    const bool has_conversion = name_end < bytes.size() && bytes[name_end] == '!';
    const size_t colon = has_conversion ? name_end + 2 : name_end;
    if (colon > bytes.size() || (colon < bytes.size() && bytes[colon] != ':')) {
      return interpreter_.fail(fmt::format("format cannot read the field '{{{}}}'", bytes));
    }
    HEARTH_ASSIGN(Value value, look_up(bytes.substr(0, name_end)));
    if (has_conversion) {
      HEARTH_ASSIGN(value, converted(value, bytes[name_end + 1]));
    }
    const Text spec_text =
        slice(field, std::min(colon + 1, bytes.size()), bytes.size(), interpreter_.budget());
    HEARTH_ASSIGN(const Text spec, run(spec_text, levels - 1));
    if (!is_safe_) return format_value(value, spec.bytes(), interpreter_);
    const bool was_safe = value.text() && value.text()->is_safe();
    if (was_safe && !spec.empty()) return interpreter_.fail("format takes nothing after ':' for safe text");
    HEARTH_ASSIGN(const Text formatted, format_value(value, spec.bytes(), interpreter_));
    return was_safe ? formatted : escape_html(formatted, interpreter_.budget());
  }

  static size_t end_of_name(std::string_view field) {
    bool in_brackets = false;
    for (size_t i = 0; i < field.size(); ++i) {
      if (in_brackets) {
        in_brackets = field[i] != ']';
      } else if (field[i] == '[') {
        in_brackets = true;
      } else if (field[i] == '!' || field[i] == ':') {
        return i;
      }
    }
    return field.size();
  }

  Result<Value> converted(const Value& value, char conversion) {
    Budget& budget = interpreter_.budget();
    if (conversion == 's') return Value(to_text(value, budget).as_safe(false));
    if (conversion == 'r') return Value(repr_of(value, budget));
    if (conversion == 'a') return Value(ascii_repr_of(value, budget));
    return interpreter_.fail(fmt::format("format does not know the conversion '!{}'", conversion));
  }

  /// A number, a name or nothing (the next value), then .attributes and [items].
  Result<Value> look_up(std::string_view path) {
    const size_t end = std::min(path.find_first_of(".["), path.size());
    HEARTH_ASSIGN(Value value, argument(path.substr(0, end)));
    path.remove_prefix(end);
    while (!path.empty()) {
      const bool is_item = path[0] == '[';
      path.remove_prefix(1);
      const size_t stop = std::min(path.find_first_of(is_item ? "]" : ".["), path.size());
      const std::string_view name = path.substr(0, stop);
      if (name.empty() || (is_item && stop == path.size())) {
        return interpreter_.fail("format meets an empty name of an attribute or item");
      }
      if (is_item) {
        const std::optional<BigInteger> index = BigInteger::parse_index(name);
        HEARTH_ASSIGN(value,
                      item_of(value, index ? Value::integer(*index) : Value::text(name), interpreter_));
      } else {
        HEARTH_ASSIGN(value, attribute_of(value, name, interpreter_));
      }
      path.remove_prefix(std::min(stop + (is_item ? 1 : 0), path.size()));
      if (is_item && !path.empty() && path[0] != '.' && path[0] != '[') {
        return interpreter_.fail("format takes only . and [ after ]");
      }
    }
    return value;
  }

  Result<Value> argument(std::string_view name) {
    const std::optional<BigInteger> number = BigInteger::parse_index(name);
    if (name.empty() || number) {
      const bool is_automatic = name.empty();
      if (is_automatic_.value_or(is_automatic) != is_automatic) {
        return interpreter_.fail("format cannot have both {} and numbered fields");
      }
      is_automatic_ = is_automatic;
      const int64_t index = is_automatic ? next_value_++ : number->small().value_or(INT64_MAX);
      if (index >= static_cast<int64_t>(values_.positional.size())) {
        return interpreter_.fail("format has fewer values than its string uses");
      }
      return values_.positional[static_cast<size_t>(index)];
    }
    const Value* found = values_.named.find(name);
    if (found == nullptr) return interpreter_.fail(fmt::format("format has no value named '{}'", name));
    return *found;
  }

  const bool is_safe_;
  const FormatValues& values_;
  Interpreter& interpreter_;
  std::optional<bool> is_automatic_;  // whether fields are numbered by their order, once one of them says so
  int64_t next_value_ = 0;
};

}  // namespace

Result<Value> str_format(const Text& format, const FormatValues& values, Interpreter& interpreter) {
  HEARTH_ASSIGN(const Text text, Formatter(format, values, interpreter).run(format, 2));
  return Value(text.as_safe(format.is_safe()));
}

}  // namespace hearth::jinja
