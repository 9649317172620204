#include "engine/text/jinja/percent_format.h"

#include <fmt/format.h>

#include "engine/text/jinja/characters.h"
#include "engine/text/jinja/format_spec.h"
#include "engine/text/jinja/print.h"

namespace hearth::jinja {
namespace {

class PercentFormatter {
 public:
  PercentFormatter(const Text& format, const Value& values, Interpreter& interpreter)
      : format_(format), values_(values), interpreter_(interpreter), out_(interpreter.budget()) {}

  Result<Value> run() {
    const std::string_view bytes = format_.bytes();
    while (next_ < bytes.size() && !interpreter_.budget().exhausted()) {
      const size_t percent = std::min(bytes.find('%', next_), bytes.size());
      out_.append(format_, next_, percent);
      next_ = percent;
      if (next_ < bytes.size()) HEARTH_TRY(replace_one());
    }
    const List* tuple = tuple_of_values();
    const size_t count = tuple ? tuple->items.size() : 1;
    if (used_ < count && !values_.dict()) return interpreter_.fail("% has more values than its string uses");
    return Value(out_.take());
  }

 private:
  const List* tuple_of_values() const {
    return values_.list() && values_.list()->is_tuple ? values_.list() : nullptr;
  }
  std::string_view rest() const { return format_.bytes().substr(next_); }
  char at(size_t offset) const { return offset < format_.size() ? format_.bytes()[offset] : '\0'; }

  Result<Value> next_value() {
    const List* tuple = tuple_of_values();
    const size_t index = used_++;
    if (tuple ? index >= tuple->items.size() : index > 0) {
      return interpreter_.fail("% has fewer values than its string uses");
    }
    return tuple ? tuple->items[index] : values_;
  }

  Result<Value> named_value() {
    const size_t end = format_.bytes().find(')', next_);
    if (end == std::string_view::npos) return interpreter_.fail("%(name) in a string misses its ')'");
    const std::string_view name = format_.bytes().substr(next_ + 1, end - next_ - 1);
    const Value* found = values_.dict() ? values_.dict()->find(name) : nullptr;
    if (found == nullptr) return interpreter_.fail(fmt::format("% has no value named '{}'", name));
    next_ = end + 1;
    return *found;
  }

  Result<int64_t> read_number(int64_t maximum) {
    int64_t number = 0;
    if (at(next_) == '*') {
      ++next_;
      HEARTH_ASSIGN(const Value value, next_value());
      number = value.integer().value_or(-1);
    }
    for (; at(next_) >= '0' && at(next_) <= '9' && number <= maximum; ++next_) {
      number = number * 10 + (at(next_) - '0');
    }
    if (number < 0 || number > maximum) {
      return interpreter_.fail(fmt::format("a width or precision in % lies outside of 0 to {}", maximum));
    }
    return number;
  }

  void read_flags(FormatSpec& spec) {
    for (;; ++next_) {
      const char flag = at(next_);
      if (flag == '-') {
        spec.align = '<';
      } else if (flag == '0') {
        spec.fill = "0";
      } else if (flag == '+' || (flag == ' ' && spec.sign != '+')) {
        spec.sign = flag;
      } else if (flag == '#') {
        spec.alternate = true;
      } else if (flag != ' ') {
        break;
      }
    }
    if (spec.align == '<') spec.fill = " ";
  }

  /// Replaces the conversion at next_, such as %5.2f or %(name)s.
  Result<void> replace_one() {
    const Origin origin = format_.origin_at(next_);
    ++next_;
    if (at(next_) == '%') {
      ++next_;
      out_.append("%", origin);
      return {};
    }
    const bool is_named = at(next_) == '(';
    Value value;
    if (is_named) {
      HEARTH_ASSIGN(value, named_value());
    }
    FormatSpec spec;
    read_flags(spec);
    HEARTH_ASSIGN(spec.width, read_number(kMaxFormatWidth));
    if (at(next_) == '.') {
      ++next_;
      HEARTH_ASSIGN(spec.precision, read_number(kMaxFormatPrecision));
    }
    const std::string_view type = rest().substr(0, character_bytes(at(next_)));
    if (type.size() != 1) {
      return interpreter_.fail(
          fmt::format("'%{}' in a string is no conversion; write %% for a percent sign", type));
    }
    spec.type = type[0];
    ++next_;
    if (!is_named) {
      HEARTH_ASSIGN(value, next_value());
    }
    return append_value(value, spec);
  }

  Result<void> append_value(const Value& value, FormatSpec spec) {
    if (spec.type == 's' || spec.type == 'r' || spec.type == 'a' || (spec.type == 'c' && value.text())) {
      TextBuilder body(interpreter_.budget());
      spec.type == 's' || spec.type == 'c' ? print(value, body) : print_repr(value, body);
      Text text = body.take();
      const auto limit =
          static_cast<size_t>(spec.precision.value_or(static_cast<int64_t>(text.characters())));
      if (limit < text.characters()) text = slice(text, 0, text.offset_of(limit), interpreter_.budget());
      spec.fill = " ";
      if (spec.align == '\0') spec.align = '>';
      append_padded(text, spec, false, out_);
      return {};
    }
    if (!value.is_number()) {
      return interpreter_.fail_about(
          value, fmt::format("%{} in a string needs a number, not {}", spec.type, value.described()));
    }
    if (spec.type == 'c') return append_character(value, spec);
    Value number = value;
    if (spec.type == 'd' || spec.type == 'i' || spec.type == 'u') {
      spec.type = 'd';
      HEARTH_ASSIGN(number, interpreter_.apply_filter("int", value, {}));
    }
    HEARTH_ASSIGN(const std::string digits, format_number(number, spec, interpreter_));
    if (spec.fill == "0") spec.align = '=';
    append_padded(Text(digits, Origin::kTemplate), spec, true, out_);
    return {};
  }

  /// %c of a number: a character of its choosing, so it counts as input, from where the number may have come.
  Result<void> append_character(const Value& value, const FormatSpec& spec) {
    const int64_t code = value.integer().value_or(-1);
    if (code < 0 || code > 0x10FFFF) return interpreter_.fail("%c needs a code point");
    std::string bytes;
    append_utf8(bytes, static_cast<char32_t>(code));
    append_padded(Text(bytes, Origin::kInput), spec, true, out_);
    return {};
  }

  const Text& format_;
  const Value& values_;
  Interpreter& interpreter_;
  TextBuilder out_;
  size_t next_ = 0;
  size_t used_ = 0;  // values taken so far
};

}  // namespace

Result<Value> percent_format(const Text& format, const Value& values, Interpreter& interpreter) {
  return PercentFormatter(format, values, interpreter).run();
}

}  // namespace hearth::jinja
