#include "engine/text/jinja/str_format.h"

#include <fmt/format.h>

#include <algorithm>

#include "engine/text/jinja/access.h"
#include "engine/text/jinja/characters.h"
#include "engine/text/jinja/format_spec.h"
#include "engine/text/jinja/number_text.h"
#include "engine/text/jinja/print.h"

namespace hearth::jinja {
namespace {

/// [[fill]align][sign][#][0][width][,][.precision][type]
class SpecParser {
 public:
  SpecParser(std::string_view spec, Interpreter& interpreter) : rest_(spec), interpreter_(interpreter) {}

  Result<FormatSpec> parse() {
    FormatSpec spec;
    const size_t first = rest_.empty() ? 0 : character_bytes(rest_[0]);
    if (first < rest_.size() && is_align(rest_[first])) {
      spec.fill = rest_.substr(0, first);
      spec.align = rest_[first];
      rest_.remove_prefix(first + 1);
    } else if (!rest_.empty() && is_align(rest_[0])) {
      spec.align = take();
    }
    if (next() == '+' || next() == '-' || next() == ' ') spec.sign = take();
    if (next() == '#') spec.alternate = take() == '#';
    if (next() == '0') {
      take();
      spec.fill = "0";
      if (spec.align == '\0') spec.align = '=';
    }
    HEARTH_ASSIGN(spec.width, number(kMaxFormatWidth));
    if (next() == ',' || next() == '_') spec.group = take();
    if (next() == '.') {
      take();
      HEARTH_ASSIGN(spec.precision, number(kMaxFormatPrecision));
    }
    if (rest_.size() > 1) return interpreter_.fail(fmt::format("format does not know '{}' after ':'", rest_));
    if (!rest_.empty()) spec.type = take();
    return spec;
  }

 private:
  static bool is_align(char c) { return c == '<' || c == '>' || c == '^' || c == '='; }
  char next() const { return rest_.empty() ? '\0' : rest_[0]; }
  char take() {
    const char c = rest_[0];
    rest_.remove_prefix(1);
    return c;
  }
  Result<int64_t> number(int64_t maximum) {
    int64_t value = 0;
    while (next() >= '0' && next() <= '9') {
      value = value * 10 + (take() - '0');
      if (value > maximum) return interpreter_.fail(fmt::format("a width or precision exceeds {}", maximum));
    }
    return value;
  }

  std::string_view rest_;
  Interpreter& interpreter_;
};

class Formatter {
 public:
  Formatter(const Text& format, const Arguments& values, Interpreter& interpreter)
      : format_(format), values_(values), interpreter_(interpreter), out_(interpreter.budget()) {}

  Result<Value> run() {
    const std::string_view bytes = format_.bytes();
    for (size_t next = 0; next < bytes.size() && !interpreter_.budget().exhausted();) {
      const size_t brace = std::min(bytes.find_first_of("{}", next), bytes.size());
      out_.append(format_, next, brace);
      if (brace == bytes.size()) break;
      if (brace + 1 < bytes.size() && bytes[brace + 1] == bytes[brace]) {  // {{ and }}
        out_.append(format_, brace, brace + 1);
        next = brace + 2;
        continue;
      }
      const size_t close = bytes.find('}', brace);
      if (bytes[brace] == '}' || close == std::string_view::npos) {
        return interpreter_.fail("format meets a single brace; write it twice");
      }
      HEARTH_TRY(replace_field(bytes.substr(brace + 1, close - brace - 1)));
      next = close + 1;
    }
    return Value(out_.take());
  }

 private:
  /// name[!conversion][:spec]
  Result<void> replace_field(std::string_view field) {
    const size_t colon = std::min(field.find(':'), field.size());
    std::string_view name = field.substr(0, colon);
    char conversion = '\0';
    if (name.size() >= 2 && name[name.size() - 2] == '!') {
      conversion = name.back();
      name.remove_suffix(2);
    }
    HEARTH_ASSIGN(Value value, look_up(name));
    if (conversion != '\0') {
      TextBuilder text(interpreter_.budget());
      conversion == 'r' ? print_repr(value, text) : print(value, text);
      value = Value(text.take());
    }
    const std::string_view spec_text = colon < field.size() ? field.substr(colon + 1) : "";
    HEARTH_ASSIGN(const FormatSpec spec, SpecParser(spec_text, interpreter_).parse());
    return append_value(value, spec);
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
      const ParsedInteger index = parse_integer(name, 10);
      const Value key =
          is_item && index.fault == NumberFault::kNone ? Value::integer(index.value) : Value::text(name);
      HEARTH_ASSIGN(value,
                    is_item ? item_of(value, key, interpreter_) : attribute_of(value, name, interpreter_));
      path.remove_prefix(std::min(stop + (is_item ? 1 : 0), path.size()));
    }
    return value;
  }

  Result<Value> argument(std::string_view name) {
    if (name.empty() || (name[0] >= '0' && name[0] <= '9')) {
      const ParsedInteger parsed = parse_integer(name, 10);
      const size_t index = name.empty() ? next_value_++ : static_cast<size_t>(parsed.value);
      if (parsed.fault == NumberFault::kRange || index >= values_.positional.size()) {
        return interpreter_.fail("format has fewer values than its string uses");
      }
      return values_.positional[index];
    }
    const auto found = std::find_if(values_.named.begin(), values_.named.end(),
                                    [&](const auto& entry) { return entry.first == name; });
    if (found == values_.named.end())
      return interpreter_.fail(fmt::format("format has no value named '{}'", name));
    return found->second;
  }

  Result<void> append_value(const Value& value, const FormatSpec& spec) {
    const bool as_number = value.is_number() && (!value.boolean() || spec.type != '\0') && spec.type != 's';
    if (as_number) {
      HEARTH_ASSIGN(const std::string digits, format_number(value, spec, interpreter_));
      append_padded(Text(digits, Origin::kTemplate), spec, true, out_);
      return {};
    }
    if (spec.type != '\0' && spec.type != 's') {
      return interpreter_.fail_about(
          value, fmt::format("format cannot write {} as '{}'", value.described(), spec.type));
    }
    Text text = to_text(value, interpreter_.budget());
    const size_t limit = spec.precision ? static_cast<size_t>(*spec.precision) : text.characters();
    if (limit < text.characters()) text = slice(text, 0, text.offset_of(limit), interpreter_.budget());
    append_padded(text, spec, false, out_);
    return {};
  }

  const Text& format_;
  const Arguments& values_;
  Interpreter& interpreter_;
  TextBuilder out_;
  size_t next_value_ = 0;
};

}  // namespace

Result<Value> str_format(const Text& format, const Arguments& values, Interpreter& interpreter) {
  return Formatter(format, values, interpreter).run();
}

}  // namespace hearth::jinja
